/** The assembler: what it makes computes what its calls say. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as wasm from '../../src/trees/wasm.ts';
import * as pairs from '../../src/trees/wasm-pairs.ts';

const { integer, local } = wasm;

it('sums the products of a table, wherever in memory it stands', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.double({ noNaN: true }),
      fc.nat(200_000),
      (values, factor, offset) => {
        const at = 8 * offset;
        const address = wasm.multiplyIntegers(local(1), integer(8));
        const product = wasm.multiplyDoubles(local(0), wasm.loadDouble(address, at));
        const { memory, run } = wasm.assemble({
          parameters: 1,
          integerLocals: 1,
          doubleLocals: 1,
          body: [...wasm.repeat(1, values.length, wasm.setLocal(2, wasm.addDoubles(local(2), product))), ...local(2)],
          bytes: at + 8 * values.length,
        });
        new Float64Array(memory, at, values.length).set(values);
        expect(run(factor)).toBe(values.reduce((sum, value) => sum + factor * value, 0));
      },
    ),
    { numRuns: 50 },
  );
});

it('compares as doubles do, NaN with nothing', () => {
  const passed = wasm.isAtLeast(local(0), local(1));
  const { memory, run } = wasm.assemble({
    parameters: 2,
    integerLocals: 0,
    doubleLocals: 0,
    body: [...wasm.storeInteger(integer(1000), 4, wasm.shiftLeft(passed, integer(3))), ...local(0)],
    bytes: 1008,
  });
  const stored = new Int32Array(memory, 1004, 1);
  for (const [a, b] of [
    [1, 1],
    [2, 1],
    [1, 2],
    [NaN, 1],
    [1, NaN],
    [-0, 0],
    [Infinity, Infinity],
  ] as const) {
    // prettier-ignore
    run(a, b);
    expect(stored[0]).toBe(a >= b ? 8 : 0);
  }
});

/** Of 64-bit values from address 8 on: alternating sums, walked there and back from `first` to `end`. */
function alternating(first: number, end: number) {
  const value = wasm.loadDouble(local(1), 0);
  const isOdd = wasm.and(local(1), integer(8));
  const add = wasm.setLocal(2, wasm.addDoubles(local(2), value));
  const subtract = wasm.setLocal(2, wasm.subtractDoubles(local(2), value));
  const body = wasm.branch(isOdd, add, subtract);
  const there = [...wasm.setLocal(1, integer(first)), ...wasm.walk(1, integer(end), 8, body)];
  return wasm.assemble({
    parameters: 1,
    integerLocals: 1,
    doubleLocals: 1,
    body: [...there, ...wasm.walkBack(1, integer(first), 8, wasm.branch(isOdd, subtract, add)), ...local(2)],
    bytes: 4096,
  });
}

it('walks addresses there and back, also none, and takes one of two branches', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), (from, count) => {
      const { memory, run } = alternating(8 * from, 8 * (from + count));
      new Float64Array(memory).forEach((_, index, all) => (all[index] = index + 1));
      expect(run(0)).toBe(0);
    }),
    { numRuns: 30 },
  );
  const { memory, run } = alternating(8, 8);
  new Float64Array(memory).fill(1);
  expect(run(0)).toBe(0);
});

it('computes both doubles of a pair as one alone', () => {
  const double = fc.double({ noNaN: true });
  fc.assert(
    fc.property(double, double, double, double, (a, b, c, d) => {
      const [first, second] = [pairs.loadPair(integer(0), 16), pairs.pairOf(c, d)];
      const operations = [pairs.addPairs, pairs.subtractPairs, pairs.multiplyPairs];
      const body = operations.flatMap((operation, index) =>
        pairs.storePair(integer(32), 16 * index, operation(first, second)),
      );
      const again = pairs.storePair(integer(80), 0, pairs.loadTwice(integer(0), 24));
      const sum = wasm.addDoubles(pairs.firstOf(pairs.twice(local(0))), pairs.secondOf(first));
      const shape = { parameters: 1, integerLocals: 0, doubleLocals: 0 };
      const { memory, run } = wasm.assemble({ ...shape, body: [...body, ...again, ...sum], bytes: 96 });
      new Float64Array(memory, 16, 2).set([a, b]);
      expect(run(c)).toBe(c + b);
      const results = [a + c, b + d, a - c, b - d, a * c, b * d, b, b];
      expect([...new Float64Array(memory, 32, 8)]).toEqual(results);
    }),
  );
});

it('chooses between pairs by where doubles differ, as NaN does from itself', () => {
  const [value, other] = [pairs.loadPair(integer(0), 0), pairs.pairOf(7, 8)];
  const chosen = pairs.select(other, value, pairs.isDifferent(value, value));
  const shape = { parameters: 1, integerLocals: 0, doubleLocals: 0, bytes: 32 };
  const { memory, run } = wasm.assemble({ ...shape, body: [...pairs.storePair(integer(16), 0, chosen), ...local(0)] });
  const doubles = new Float64Array(memory, 0, 4);
  fc.assert(
    fc.property(fc.double(), fc.double(), (a, b) => {
      doubles.set([a, b]);
      run(0);
      expect([doubles[2], doubles[3]]).toEqual([Number.isNaN(a) ? 7 : a, Number.isNaN(b) ? 8 : b]);
    }),
  );
});

it('rounds to single precision', () => {
  const shape = { parameters: 1, integerLocals: 0, doubleLocals: 0, bytes: 8 };
  const { run } = wasm.assemble({ ...shape, body: wasm.roundToSingle(local(0)) });
  fc.assert(
    fc.property(fc.double(), (x) => {
      expect(run(x)).toBe(Math.fround(x));
    }),
  );
});

it.each([0, 63, 64, 127, 128, 8191, 8192, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8])('takes %i for an address', (address) => {
  const shape = { parameters: 1, integerLocals: 0, doubleLocals: 0, bytes: 8 };
  const difference = wasm.subtractIntegers(integer(address), integer(address === 0 ? 0 : address - 4));
  const body = [...wasm.storeInteger(integer(0), 0, difference), ...local(0)];
  const { memory, run } = wasm.assemble({ ...shape, body });
  run(0);
  expect(new Int32Array(memory)[0]).toBe(address === 0 ? 0 : 4);
});
