/** A key table finds what a Map would. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyTable, placeOf } from '../../src/learners/key-table.ts';

const keys = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(-0, 0, 0.5, NaN),
);

it('finds the last place of each key, and their number for all others and NaN', () => {
  fc.assert(
    fc.property(fc.array(keys), fc.array(keys), (known, others) => {
      const table = createKeyTable(Float64Array.from(known));
      const expected = new Map(known.map((key, place) => [key, place]));
      expected.delete(NaN);
      for (const key of [...known, ...others]) expect(placeOf(table, key)).toBe(expected.get(key) ?? known.length);
    }),
  );
});
