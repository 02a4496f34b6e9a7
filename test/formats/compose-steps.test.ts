/** Two encodings composed say what one after the other says. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { composeSteps } from '../../src/formats/compose-steps.ts';
import { encoderFromSteps, type Step } from '../../src/learners/encoder.ts';

const numbers = (...values: number[]): Float64Array => Float64Array.from(values);
const outer: readonly Step[] = [
  { source: 0, encoding: 'copy' },
  { source: 1, encoding: 'ordinal', keys: numbers(70, 80, 90), values: numbers(0, 1, 2), unknown: 3 },
];
const inner: readonly Step[] = [
  { source: 1, encoding: 'copy' },
  { source: 1, encoding: 'ordinal', keys: numbers(0, 3), values: numbers(1, 1), unknown: 0 },
  { source: 0, encoding: 'ordinal', keys: numbers(5), values: numbers(1), unknown: 0 },
  { source: 0, encoding: 'copy' },
];

it('gives the same columns of every row', () => {
  const [first, second] = [encoderFromSteps(2, outer), encoderFromSteps(2, inner)];
  const both = encoderFromSteps(2, composeSteps(outer, inner));
  const cell = fc.constantFrom(NaN, 0, 1, 3, 5, 70, 80, 90, 100, -1);
  fc.assert(
    fc.property(cell, cell, (a, b) => {
      const [middle, last, composed] = [new Float64Array(2), new Float64Array(4), new Float64Array(4)];
      first.encodeRow(numbers(a, b), 0, middle);
      second.encodeRow(middle, 0, last);
      both.encodeRow(numbers(a, b), 0, composed);
      expect(composed).toEqual(last);
    }),
  );
});

it('refuses what one step cannot say', () => {
  const oneHot: Step = { source: 1, encoding: 'one-hot', keys: numbers(1) };
  expect(() => composeSteps([oneHot], [{ source: 0, encoding: 'copy' }])).toThrow('one-hot encoding again');
  expect(() => composeSteps(outer, [oneHot])).toThrow('one-hot encoding of encoded columns');
});
