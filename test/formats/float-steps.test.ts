/** Neighbours of numbers, and comparisons that move no row. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstDoubleWhere,
  firstRoundingTo,
  nextDouble,
  nextSingle,
  singleAtOrBelow,
} from '../../src/formats/float-steps.ts';

const doubles = fc.double({ noNaN: true });
const singles = fc.float({ noNaN: true });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('neighbours', () => {
  it('are above, with nothing in between', () => {
    fc.assert(
      fc.property(finite, (x) => {
        const next = nextDouble(x);
        const middle = x / 2 + next / 2;
        return next > x && (middle <= x || middle >= next);
      }),
    );
    expect(nextDouble(-0)).toBe(Number.MIN_VALUE);
    expect(nextDouble(-Number.MIN_VALUE)).toBe(-0);
    expect(nextDouble(Number.MAX_VALUE)).toBe(Infinity);
  });

  it('of single precision are the next numbers that rounding keeps', () => {
    fc.assert(
      fc.property(singles, (x) => {
        const next = nextSingle(x);
        return Math.fround(next) === next && (x === Infinity ? next === Infinity : next > x);
      }),
    );
    expect(nextSingle(1)).toBe(1 + 2 ** -23);
    expect(nextSingle(-0)).toBe(2 ** -149);
  });

  it('at or below x are the largest of single precision there', () => {
    fc.assert(
      fc.property(finite.filter((x) => Math.abs(x) < 3e38), (x) => {
        const below = singleAtOrBelow(x);
        return below <= x && nextSingle(below) > x;
      }),
    ); // prettier-ignore
  });
});

describe('firstRoundingTo', () => {
  it('compares a double as its rounding compares', () => {
    const near = fc.tuple(singles, fc.constantFrom(-1, -0.5, -0.25, 0, 0.25, 0.5, 1)).map(([single, share]) => {
      const step = nextSingle(Math.abs(single)) - Math.abs(single);
      return { single, x: Number.isFinite(step) ? single + share * step : single };
    });
    fc.assert(fc.property(near, ({ single, x }) => x >= firstRoundingTo(single) === Math.fround(x) >= single));
    fc.assert(fc.property(singles, doubles, (single, x) => x >= firstRoundingTo(single) === Math.fround(x) >= single));
  });

  it('takes the even neighbour of two equally near', () => {
    const odd = 1 + 2 ** -23; // 1 is even, so halfway rounds down
    expect(firstRoundingTo(odd)).toBe(nextDouble(1 + 2 ** -24));
    expect(firstRoundingTo(1 + 2 ** -22)).toBe(1 + 3 * 2 ** -24);
  });
});

describe('firstDoubleWhere', () => {
  it('finds the place where a condition begins to hold', () => {
    fc.assert(fc.property(finite, (from) => firstDoubleWhere((x) => x >= from) === from + 0 || from === 0));
    expect(firstDoubleWhere(() => false)).toBe(Infinity);
    expect(firstDoubleWhere((x) => x > 0)).toBe(Number.MIN_VALUE);
  });
});
