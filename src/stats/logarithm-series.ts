/** What `elementary.ts` and the kernels of the trees share of the logarithm: one text for TypeScript and AssemblyScript. */

/**
 * ln 2 in two parts: the first has 32 significant bits, so its product with any exponent is exact.
 * Source: computed to 60 digits and truncated.
 */
export const LN2_HIGH = 0.6931471803691238;
export const LN2_LOW = 1.9082149292705877e-10;
export const INVERSE_LN2 = 1.4426950408889634;

export const SQRT2 = 1.4142135623730951;

/**
 * ln(1 + f) + k ln 2 + extra for f in [√½ − 1, √2 − 1]. With s = f / (2 + f): ln(1 + f) = 2 artanh s, and since
 * 2s = f − sf this is f − (f²/2 − s (f²/2 + R)), R = 2(s²/3 + s⁴/5 + …), whose large term f is exact.
 */
export function logReduced(f: number, k: number, extra: number): number {
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
  return k * LN2_HIGH + (f - (halfSquare - (s * (halfSquare + rest) + (k * LN2_LOW + extra))));
}
