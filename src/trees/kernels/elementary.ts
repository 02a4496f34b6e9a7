/** The elementary functions of `stats/elementary.ts`, two at a time and bit for bit the same. */

// The constants of stats/elementary.ts, and its steps in its order.
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const INVERSE_LN2: f64 = 1.4426950408889634;
const SQRT2: f64 = 1.4142135623730951;
const EXPONENT_BIAS: i64 = 1_023;
const FRACTION_BITS: i64 = 52;
/** 1.5 × 2^52. */
const WHOLE_BITS: f64 = 6755399441055744;

/** eˣ of both lanes, each from −708 to 709. */
export function exp2(x: v128): v128 {
  const k = f64x2.floor(f64x2.add(f64x2.mul(x, f64x2.splat(INVERSE_LN2)), f64x2.splat(0.5)));
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const low = f64x2.mul(k, f64x2.splat(LN2_LOW));
  const r = f64x2.sub(high, low);
  let series = f64x2.mul(r, f64x2.splat(1.0 / 6227020800.0));
  series = step(r, 1.0 / 479001600.0, series);
  series = step(r, 1.0 / 39916800.0, series);
  series = step(r, 1.0 / 3628800.0, series);
  series = step(r, 1.0 / 362880.0, series);
  series = step(r, 1.0 / 40320.0, series);
  series = step(r, 1.0 / 5040.0, series);
  series = step(r, 1.0 / 720.0, series);
  series = step(r, 1.0 / 120.0, series);
  series = step(r, 1.0 / 24.0, series);
  series = step(r, 1.0 / 6.0, series);
  series = f64x2.add(f64x2.splat(0.5), series);
  series = f64x2.mul(f64x2.mul(r, r), series);
  const one = f64x2.splat(1);
  const sum = f64x2.add(one, high);
  const rest = f64x2.add(f64x2.add(f64x2.sub(one, sum), high), f64x2.sub(series, low));
  return f64x2.mul(f64x2.add(sum, rest), powersOfTwo(k));
}

/** r × (coefficient + series). */
function step(r: v128, coefficient: f64, series: v128): v128 {
  return f64x2.mul(r, f64x2.add(f64x2.splat(coefficient), series));
}

/** 2^k of whole k from −1022 to 1023. */
function powersOfTwo(k: v128): v128 {
  // Beside so large a number the last bits of a double are those of a whole number.
  const whole = f64x2.add(k, f64x2.splat(WHOLE_BITS));
  return i64x2.shl(i64x2.add(whole, i64x2.splat(EXPONENT_BIAS)), <i32>FRACTION_BITS);
}

/** ln x of a positive normal number. */
export function log(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  const e = (bits >> FRACTION_BITS) - EXPONENT_BIAS;
  const m = reinterpret<f64>((bits & 0xfffffffffffff) | (EXPONENT_BIAS << FRACTION_BITS));
  return m > SQRT2 ? logReduced(0.5 * m - 1, <f64>(e + 1)) : logReduced(m - 1, <f64>e);
}

function logReduced(f: f64, k: f64): f64 {
  const s = f / (2 + f);
  const z = s * s;
  const rest =
    z *
    (2.0 / 3.0 +
      z *
        (2.0 / 5.0 +
          z *
            (2.0 / 7.0 +
              z *
                (2.0 / 9.0 +
                  z *
                    (2.0 / 11.0 +
                      z * (2.0 / 13.0 + z * (2.0 / 15.0 + z * (2.0 / 17.0 + z * (2.0 / 19.0 + z * (2.0 / 21.0))))))))));
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH + (f - (halfSquare - (s * (halfSquare + rest) + (k * LN2_LOW + 0.0))));
}
