/** The assembler: what it makes computes what its calls say. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as wasm from '../../src/trees/wasm.ts';

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
