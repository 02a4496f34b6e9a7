/** Which columns are left out before learning. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { pruneColumns } from '../../src/training/prune-columns.ts';

const ROWS = 2_000;
const random = createRandom(7);
const labels = Uint8Array.from({ length: ROWS }, (_, row) => (row % 20 === 0 ? 1 : 0));
const noise = (): Float64Array => Float64Array.from({ length: ROWS }, () => random.normal());
const column = (of: (row: number) => number): Float64Array => Float64Array.from({ length: ROWS }, (_, row) => of(row));

const reasonsOf = (values: readonly Float64Array[], kinds = values.map(() => 'numeric' as 'numeric' | 'category')) =>
  pruneColumns({ values, kinds, labels });

describe('a column', () => {
  it('with one value, or none, is constant', () => {
    expect(reasonsOf([column(() => 3), column(() => NaN), noise()])).toEqual(['constant', 'constant', undefined]);
  });

  it('of one value that only frauds have is kept: its absence tells something', () => {
    const onlyFrauds = column((row) => (row % 40 === 0 ? 1 : NaN));
    const anyone = column((row) => (row % 39 === 1 ? 1 : NaN));
    expect(reasonsOf([onlyFrauds, anyone])).toEqual([undefined, 'constant']);
  });

  it('of a value in fewer than one row of a hundred is near-empty unless its absence tells something', () => {
    const tenOf = (of: (row: number) => boolean): Float64Array => {
      let left = 10;
      return column((row) => (of(row) && left-- > 0 ? row : NaN));
    };
    expect(reasonsOf([tenOf((row) => row % 7 === 3), tenOf((row) => row % 20 === 0)])).toEqual([
      'near-empty',
      undefined,
    ]);
  });

  it('that is another one scaled, shifted or turned round says what it says; the finer one stays', () => {
    const fine = noise();
    const coarse = fine.map((value) => Math.round(value * 20));
    expect(reasonsOf([coarse, fine, fine.map((value) => 4 - 3 * value), noise()])).toEqual(['correlated', undefined, 'correlated', undefined]); // prettier-ignore
  });

  it('that is missing elsewhere than its equal is kept', () => {
    const whole = noise();
    const halved = (part: number): Float64Array => whole.map((value, row) => (row % 2 === part ? value : NaN));
    expect(reasonsOf([halved(0), halved(1), whole])).toEqual([undefined, undefined, undefined]);
  });

  it('of categories is never compared: its numbers have no order', () => {
    const codes = column((row) => row % 5);
    expect(reasonsOf([codes, codes], ['category', 'category'])).toEqual([undefined, undefined]);
  });
});

it('what is kept correlates nowhere beyond the bound, and what is left out does with something kept', () => {
  const shared = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(shared, fc.integer({ min: 1, max: 1e9 }), (bases, seed) => {
      const source = createRandom(seed);
      const base = Array.from({ length: 4 }, () => Float64Array.from({ length: ROWS }, () => source.normal()));
      const values = bases.map((b, i) => base[b]!.map((value) => value * (i + 1) + i));
      const reasons = reasonsOf(values);
      expect(reasons.filter((reason) => reason === undefined)).toHaveLength(new Set(bases).size);
    }),
    { numRuns: 20 },
  );
});
