/** Categories become numbers, unknown ones included, and no row sees a label before its time. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_PLAN, encoderFromDocument, type EncodingPlan, fitEncoder } from '../../src/learners/encoder.ts';
import { type TrainingSet } from '../../src/learners/protocol.ts';
import { timeOrderedTargets } from '../../src/learners/target-encoding.ts';
import { aTrainingSetWithCategory } from '../support/training-sets.ts';

/** One numeric and one categorical column: value 7 three times, 8 twice, 9 once, one missing. */
const small: TrainingSet = {
  names: ['amount', 'shop'],
  rows: 7,
  values: [Float64Array.of(1, 2, 3, 4, 5, 6, 7), Float64Array.of(8, 7, 7, NaN, 9, 7, 8)],
  kinds: ['numeric', 'category'],
  labels: Uint8Array.of(1, 0, 1, 0, 0, 0, 1),
  timesMs: Float64Array.of(0, 10, 20, 30, 40, 50, 60),
  labelsKnownMs: Float64Array.of(15, 25, 35, 45, 55, 65, 75),
};

function encode(plan: Partial<EncodingPlan>, shop: number): number[] {
  const { encoder } = fitEncoder(small, { ...DEFAULT_PLAN, minimumRows: 1, ...plan });
  const out = new Float64Array(encoder.outputCount);
  encoder.encodeRow(Float64Array.of(NaN, 5, shop), 1, out);
  return Array.from(out);
}

describe('an encoding', () => {
  it('ranks by frequency, the unknown last, the missing missing', () => {
    expect([7, 8, 9, 123, NaN].map((shop) => encode({ encodings: ['ordinal'] }, shop)[1])).toEqual([0, 1, 2, 3, NaN]);
  });

  it('gives the share of rows, 0 for the unknown', () => {
    expect(encode({ encodings: ['frequency'] }, 7)).toEqual([5, 3 / 7]);
    expect(encode({ encodings: ['frequency'] }, 123)).toEqual([5, 0]);
  });

  it('lights one column of the top values, the last for all others, none for the missing', () => {
    const oneHot = { encodings: ['one-hot'], topValues: 2 } as const;
    expect(encode(oneHot, 7)).toEqual([5, 1, 0, 0]);
    expect(encode(oneHot, 8)).toEqual([5, 0, 1, 0]);
    expect(encode(oneHot, 9)).toEqual([5, 0, 0, 1]);
    expect(encode(oneHot, NaN)).toEqual([5, 0, 0, 0]);
  });

  it('mixes the fraud rate of a value with the overall rate', () => {
    const target = { encodings: ['target'], priorRows: 2 } as const;
    expect(encode(target, 8)[1]).toBeCloseTo((2 + (2 * 3) / 7) / 4, 12);
    expect(encode(target, 123)[1]).toBe(3 / 7);
  });

  it('treats values of too few rows as unknown', () => {
    expect(encode({ encodings: ['ordinal'], minimumRows: 2 }, 9)).toEqual(encode({ minimumRows: 2 }, 123));
  });

  it('may be one of several of a column', () => {
    expect(encode({ encodings: ['ordinal', 'frequency'] }, 8)).toEqual([5, 1, 2 / 7]);
  });

  it('comes back from its document', () => {
    const set = aTrainingSetWithCategory();
    const { encoder } = fitEncoder(set, { ...DEFAULT_PLAN, encodings: ['target', 'one-hot', 'frequency', 'ordinal'] });
    const back = encoderFromDocument(JSON.parse(JSON.stringify(encoder.toDocument())));
    expect(back.encodeColumns(set)).toEqual(encoder.encodeColumns(set));
    expect(() => encoderFromDocument({ inputCount: 1, steps: [{ source: 2, encoding: 'copy' }] })).toThrow(
      'source names column 2 of 1',
    );
  });
});

describe('target statistics of training rows', () => {
  const settings = { minimumRows: 1, priorRows: 1 };

  it('count a label from the moment it was known', () => {
    // At 20 the labels of rows 0 (shop 8, fraud) is known; at 40 those of rows 0..2; at 60 rows 0..4.
    const targets = timeOrderedTargets(small, 1, settings);
    const expected = [0, 0, 1, NaN, 2 / 3, (1 + 0.5) / 3, (1 + 2 / 5) / 2];
    expected.forEach((value, row) =>
      expect(targets[row]).toSatisfy((x: number) => Object.is(x, value) || Math.abs(x - value) < 1e-12),
    );
  });

  it('never hold the label of their own row, nor one of the same moment', () => {
    const set = aTrainingSetWithCategory();
    const known = { ...set, labelsKnownMs: set.timesMs! };
    const flipped = (row: number) => timeOrderedTargets({ ...known, labels: set.labels.map((label, index) => (index === row ? 1 - label : label)) }, 3, settings)[row]; // prettier-ignore
    const targets = timeOrderedTargets(known, 3, settings);
    for (const row of [0, 100, 400]) expect(flipped(row)).toBe(targets[row]);
  });

  it('do not change when later labels do', () => {
    const set = aTrainingSetWithCategory();
    const before = timeOrderedTargets(set, 3, settings);
    const row = 400;
    const labels = set.labels.map((label, index) =>
      set.labelsKnownMs![index]! > set.timesMs![row]! ? 1 - label : label,
    );
    expect(timeOrderedTargets({ ...set, labels }, 3, settings).slice(0, row + 1)).toEqual(before.slice(0, row + 1));
    expect(timeOrderedTargets({ ...set, labels }, 3, settings)).not.toEqual(before);
  });

  it('need times', () => {
    const { names, rows, values, labels } = small;
    expect(() => timeOrderedTargets({ names, rows, values, labels }, 1, settings)).toThrow(
      'need timesMs and labelsKnownMs',
    );
  });

  it('stand in the encoded training set in place of the final rates', () => {
    const { encoded } = fitEncoder(small, {
      ...DEFAULT_PLAN,
      encodings: ['frequency', 'target'],
      minimumRows: 1,
      priorRows: 1,
    });
    expect(encoded.values[2]).toEqual(timeOrderedTargets(small, 1, settings));
    expect(encoded.values[1]![1]).toBe(3 / 7);
  });
});
