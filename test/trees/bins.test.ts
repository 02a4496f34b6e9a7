/** Cuts order values rightly, and keep the tails. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binned } from '../support/tree-kernels.ts';

const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -5, max: 5 }), fc.constant(NaN)), {
  minLength: 1,
  maxLength: 200,
});

const cutColumn = (column: Float64Array, bins: number): Float64Array => binned([column], bins).cuts[0]!;

describe('cuts', () => {
  it('rise, and are at most one fewer than the bins asked for', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 40 }), (list, bins) => {
        const cuts = cutColumn(Float64Array.from(list), bins);
        expect(cuts.length).toBeLessThan(bins);
        for (let index = 1; index < cuts.length; index++) expect(cuts[index]!).toBeGreaterThan(cuts[index - 1]!);
      }),
    );
  });

  it('part every two distinct values when there are bins enough', () => {
    fc.assert(
      fc.property(values, (list) => {
        const present = [...new Set(list.filter((x) => !Number.isNaN(x)).map((x) => x + 0))];
        const { codes } = binned([Float64Array.from(list)], 65_535);
        expect(new Set(codes[0]!.filter((_, row) => !Number.isNaN(list[row]))).size).toBe(present.length);
      }),
    );
  });

  it('give single rows at both ends bins of their own while the middle shares them', () => {
    const column = Float64Array.from({ length: 10_000 }, (_, row) => row);
    const cuts = cutColumn(column, 255);
    expect(Array.from(cuts.subarray(0, 5))).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
    expect(Array.from(cuts.subarray(-5))).toEqual([9_994.5, 9_995.5, 9_996.5, 9_997.5, 9_998.5]);
    const widths = Array.from(cuts.subarray(1), (cut, index) => cut - cuts[index]!);
    expect(Math.max(...widths)).toBeLessThan(80);
    expect(cuts.length).toBeGreaterThan(240);
  });

  it('keep all limits on few bins and heavy values, where tails are coarse', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 300 }), (list) => {
        const cuts = cutColumn(Float64Array.from(list), 4);
        expect(cuts.length).toBeLessThan(4);
        const distinct = new Set(list).size;
        expect(cuts.length).toBeGreaterThan(distinct > 1 ? 0 : -1);
      }),
    );
  });

  it('leave a value that fills half of the column in a bin of its own', () => {
    const column = Float64Array.from({ length: 4_000 }, (_, row) => (row % 2 === 0 ? 1_000 : row));
    const { codes } = binned([column], 100);
    expect(codes[0]![0]).not.toBe(codes[0]![999]);
    expect(codes[0]![0]).not.toBe(codes[0]![1_001]);
  });
});

describe('codes', () => {
  it('count the cuts up to the value, so that a code at most c means a value below cut c', () => {
    fc.assert(
      fc.property(values, (list) => {
        const { cuts, codes } = binned([Float64Array.from(list)], 16);
        list.forEach((x, row) => {
          if (Number.isNaN(x)) expect(codes[0]![row]).toBe(cuts[0]!.length + 1);
          else cuts[0]!.forEach((cut, index) => expect(codes[0]![row]! <= index).toBe(x < cut));
        });
      }),
    );
  });

  it('have a place of their own for missing values, in one byte or two as the cuts need', () => {
    const wide = Float64Array.from({ length: 1_000 }, (_, row) => (row === 7 ? NaN : row));
    const narrow = wide.map((x) => (Number.isNaN(x) ? x : x % 3));
    const { codes, cuts } = binned([wide, narrow], 4_095);
    expect(codes[0]).toBeInstanceOf(Uint16Array);
    expect(codes[1]).toBeInstanceOf(Uint8Array);
    expect(codes[0]![7]).toBe(cuts[0]!.length + 1);
    expect(codes[1]![7]).toBe(3);
  });
});
