/** The elementary functions against correctly rounded values, and their own bits frozen. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asin, cos, exp, log, log1p, MAX_ANGLE, sin } from '../../src/stats/elementary.ts';
import golden from '../golden/stats/elementary.json' with { type: 'json' };

const FUNCTIONS = { exp, log, log1p, sin, cos, asin };
type Name = keyof typeof FUNCTIONS;
const NAMES = Object.keys(FUNCTIONS) as Name[];

/** Doubles ordered as integers: neighbours differ by 1. */
function ordinal(x: number): bigint {
  const bits = new BigInt64Array(new Float64Array([x]).buffer)[0]!;
  return bits >= 0n ? bits : -(bits & 0x7fff_ffff_ffff_ffffn);
}

function ulpsApart(a: number, b: number): number {
  const difference = ordinal(a) - ordinal(b);
  return Number(difference < 0n ? -difference : difference);
}

describe('elementary functions', () => {
  it.each(NAMES)('%s lies within one unit in the last place of the true value', (name) => {
    for (const [x, expected] of golden[name] as [number, number][]) {
      expect(ulpsApart(FUNCTIONS[name](x), expected), `${name}(${x})`).toBeLessThanOrEqual(1);
    }
  });

  it.each(NAMES)('%s rounds correctly nearly always', (name) => {
    const pairs = golden[name] as [number, number][];
    const exact = pairs.filter(([x, expected]) => FUNCTIONS[name](x) === expected).length;
    expect(exact / pairs.length).toBeGreaterThan(0.85);
  });

  it('gives the same bits on every machine', () => {
    const hash = createHash('sha256');
    const out = new Float64Array(NAMES.length);
    for (let i = 1; i <= 20_000; i++) {
      const x = i * 0.000_05 - 0.000_017;
      NAMES.forEach((name, at) => (out[at] = FUNCTIONS[name](name === 'asin' ? x : x * 37)));
      hash.update(new Uint8Array(out.buffer));
    }
    expect(hash.digest('hex')).toMatchInlineSnapshot(
      `"2fbd55f580827384d83a6691d0f622b925ee5145b38d4b71440001f89857dd5b"`,
    );
  });

  it('keeps the special values', () => {
    expect([exp(-Infinity), exp(-800), exp(0), exp(710), exp(Infinity), exp(NaN)]).toEqual([0, 0, 1, Infinity, Infinity, NaN]); // prettier-ignore
    expect([log(0), log(1), log(Infinity), log(-1), log(NaN)]).toEqual([-Infinity, 0, Infinity, NaN, NaN]);
    expect([log1p(-1), log1p(0), log1p(-0), log1p(Infinity), log1p(-2)]).toEqual([-Infinity, 0, -0, Infinity, NaN]);
    expect([sin(0), sin(-0), cos(0), sin(NaN), cos(NaN)]).toEqual([0, -0, 1, NaN, NaN]);
    expect([asin(0), asin(1.1), asin(NaN)]).toEqual([0, NaN, NaN]);
    expect(asin(1)).toBe(Math.PI / 2);
  });

  it('refuses angles too large to reduce exactly', () => {
    expect(() => sin(MAX_ANGLE + 1)).toThrow(RangeError);
    expect(() => cos(-Infinity)).toThrow(RangeError);
  });

  it('undoes exp by log', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(log(exp(x)) - x)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(x)));
      }),
    );
  });

  it('never lets exp or log fall where their argument rises', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 700, noNaN: true }), (x) => {
        const above = x * (1 + 1e-14);
        expect(exp(above)).toBeGreaterThanOrEqual(exp(x));
        expect(log(above)).toBeGreaterThanOrEqual(log(x));
      }),
    );
  });

  it('keeps sine and cosine on the unit circle', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (x) => {
        expect(Math.abs(sin(x) ** 2 + cos(x) ** 2 - 1)).toBeLessThan(5e-16);
      }),
    );
  });
});
