/** Elementary functions from exact arithmetic alone, so that every engine and machine gives the same bits. */
import { INVERSE_LN2, LN2_HIGH, LN2_LOW, logReduced, SQRT2 } from './logarithm-series.ts';

/** π/2 in three parts, the first two of 33 bits: products with integers up to 2^20 are exact. Source: as above. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_MIDDLE = 6.077100506303966e-11;
const HALF_PI_LOW = 2.0222662487959506e-21;
const TWO_OVER_PI = 0.6366197723675814;
/** π/2 as the sum of two doubles. */
const HALF_PI = 1.5707963267948966;
const HALF_PI_REST = 6.123233995736766e-17;

/** Largest angle accepted, radians: beyond it the three parts of π/2 no longer reduce exactly. */
export const MAX_ANGLE = 2 ** 20;

const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** Largest x with exp(x) finite, and smallest with exp(x) > 0. */
const EXP_OVERFLOW = 709.782712893384;
const EXP_UNDERFLOW = -745.1332191019411;

const MIN_EXPONENT = -1074;
const MAX_EXPONENT = 1023;
/** POWERS_OF_TWO[e + 1074] = 2^e, by exact doubling. */
const POWERS_OF_TWO = new Float64Array(MAX_EXPONENT - MIN_EXPONENT + 1);
for (let i = 0, power = Number.MIN_VALUE; i < POWERS_OF_TWO.length; i++, power *= 2) POWERS_OF_TWO[i] = power;

const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);
DOUBLE[0] = 1;
const HIGH = WORDS[1] === 0 ? 0 : 1; // which word holds sign and exponent depends on the machine's byte order

/** ⌊log2 x⌋ of a positive normal number. */
function exponent(x: number): number {
  DOUBLE[0] = x;
  return (WORDS[HIGH]! >>> 20) - 1023;
}

/** eˣ within 1 ulp; 0 below −745.13, ∞ above 709.78, NaN for NaN. */
export function exp(x: number): number {
  if (!(x <= EXP_OVERFLOW)) return x > EXP_OVERFLOW ? Infinity : NaN;
  if (x < EXP_UNDERFLOW) return 0;
  // x = k ln 2 + high − low with |high − low| ≤ ln 2 / 2
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  // Taylor to r^13: the rest is below 2^-57.
  const series =
    r *
    r *
    (1 / 2 +
      r *
        (1 / 6 +
          r *
            (1 / 24 +
              r *
                (1 / 120 +
                  r *
                    (1 / 720 +
                      r *
                        (1 / 5040 +
                          r *
                            (1 / 40320 +
                              r *
                                (1 / 362880 +
                                  r *
                                    (1 / 3628800 +
                                      r * (1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800))))))))))));
  const sum = 1 + high;
  const y = sum + (1 - sum + high + (series - low));
  if (k >= -1021 && k <= MAX_EXPONENT) return y * POWERS_OF_TWO[k - MIN_EXPONENT]!;
  // Two steps where 2^k itself is out of range: the first is exact, the second rounds once.
  if (k > MAX_EXPONENT) return y * 2 * POWERS_OF_TWO[MAX_EXPONENT - MIN_EXPONENT]!;
  return y * POWERS_OF_TWO[k + 1000 - MIN_EXPONENT]! * POWERS_OF_TWO[-1000 - MIN_EXPONENT]!;
}

/** ln x within 1 ulp; −∞ at 0, NaN below 0 and for NaN. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  let normal = x;
  if (x < SMALLEST_NORMAL) {
    normal = x * 2 ** 54;
    k = -54;
  }
  const e = exponent(normal);
  const m = normal * POWERS_OF_TWO[-e - MIN_EXPONENT]!;
  return m > SQRT2 ? logReduced(0.5 * m - 1, k + e + 1, 0) : logReduced(m - 1, k + e, 0);
}

/** ln(1 + x) within 1 ulp, exact for tiny x; −∞ at −1, NaN below. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (x > -0.29 && x < 0.41) return x === 0 ? x : logReduced(x, 0, 0);
  const u = 1 + x;
  // What 1 + x lost to rounding, as a correction of ln u.
  const correction = (x < 1 ? x - (u - 1) : 1 - (u - x)) / u;
  const k = exponent(u);
  const m = u * POWERS_OF_TWO[-k - MIN_EXPONENT]!;
  return m > SQRT2 ? logReduced(0.5 * m - 1, k + 1, correction) : logReduced(m - 1, k, correction);
}

/** sin(r + rest) for |r| ≤ π/4, |rest| ≤ ulp(r). Taylor to r^17. */
function sinReduced(r: number, rest: number): number {
  const z = r * r;
  const series =
    -1 / 6 +
    z *
      (1 / 120 +
        z *
          (-1 / 5040 +
            z *
              (1 / 362880 +
                z * (-1 / 39916800 + z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000))))));
  return r + (r * z * series + rest * (1 - 0.5 * z));
}

/** cos(r + rest) for |r| ≤ π/4, |rest| ≤ ulp(r). Taylor to r^18. */
function cosReduced(r: number, rest: number): number {
  const z = r * r;
  const series =
    1 / 24 +
    z *
      (-1 / 720 +
        z *
          (1 / 40320 +
            z *
              (-1 / 3628800 +
                z * (1 / 479001600 + z * (-1 / 87178291200 + z * (1 / 20922789888000 - z / 6402373705728000))))));
  const half = 0.5 * z;
  const head = 1 - half;
  return head + (1 - head - half + (z * z * series - r * rest));
}

/** sin (shift 0) or cos (shift 1) of x. */
function circular(x: number, shift: number): number {
  if (!(Math.abs(x) <= MAX_ANGLE)) {
    if (Number.isNaN(x)) return NaN;
    throw new RangeError(`angle ${x} exceeds ${MAX_ANGLE} radians`);
  }
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const a = x - n * HALF_PI_HIGH;
  const b = n * HALF_PI_MIDDLE;
  // high + low = a − b exactly (Knuth's two-sum), then the last part of π/2.
  const high = a - b;
  const bb = a - high;
  const low = a - (high + bb) + (bb - b) - n * HALF_PI_LOW;
  const r = high + low;
  const rest = high - r + low;
  switch ((n + shift) & 3) {
    case 0:
      return sinReduced(r, rest);
    case 1:
      return cosReduced(r, rest);
    case 2:
      return -sinReduced(r, rest);
    default:
      return -cosReduced(r, rest);
  }
}

/** Sine of x radians within 1 ulp; RangeError beyond ±MAX_ANGLE. */
export function sin(x: number): number {
  return x === 0 ? x : circular(x, 0);
}

/** Cosine of x radians within 1 ulp; RangeError beyond ±MAX_ANGLE. */
export function cos(x: number): number {
  return circular(x, 1);
}

/** Taylor coefficients of (asin x − x) / x³ in x²: C(2n, n) / (4ⁿ (2n + 1)), n = 1…26. */
const ASIN_SERIES = new Float64Array(26);
for (let n = 1, binomial = 1; n <= ASIN_SERIES.length; n++) {
  binomial *= (2 * n - 1) / (2 * n);
  ASIN_SERIES[n - 1] = binomial / (2 * n + 1);
}

function asinRest(z: number): number {
  let series = 0;
  for (let n = ASIN_SERIES.length - 1; n >= 0; n--) series = series * z + ASIN_SERIES[n]!;
  return z * series;
}

/** Arc sine in radians within 1 ulp; NaN outside [−1, 1]. */
export function asin(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return NaN;
  if (size <= 0.5) return x + x * asinRest(x * x);
  // asin x = π/2 − 2 asin √((1 − x)/2); the root's rounding is made good by its residual.
  const z = 0.5 * (1 - size);
  const root = Math.sqrt(z);
  const head = Math.fround(root);
  const tail = root === 0 ? 0 : (z - head * head) / (root + head);
  const y = HALF_PI - 2 * head + (HALF_PI_REST - 2 * (tail + root * asinRest(z)));
  return x < 0 ? -y : y;
}
