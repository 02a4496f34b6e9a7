/** The elementary functions of `stats/elementary.ts`, two at a time and bit for bit the same. */
import { INVERSE_LN2, LN2_HIGH, LN2_LOW, logReduced, SQRT2 } from '../../stats/logarithm-series.ts';

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
  return m > SQRT2 ? logReduced(0.5 * m - 1, <f64>(e + 1), 0) : logReduced(m - 1, <f64>e, 0);
}
