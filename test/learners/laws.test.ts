/** Laws every learner keeps, each in its named configuration. */
import { describe, expect, it } from 'vitest';
import { createLearner, type LearnerName, LEARNERS } from '../../src/learners/defaults.ts';
import { modelFromDocument } from '../../src/learners/documents.ts';
import { marginsOf } from '../../src/learners/margins.ts';
import { type Model } from '../../src/learners/protocol.ts';
import { createStack } from '../../src/learners/stack.ts';
import { rowOf } from '../support/labelled-rows.ts';
import { aTrainingSetWithCategory } from '../support/training-sets.ts';

const training = aTrainingSetWithCategory();
const unseen = aTrainingSetWithCategory({ seed: 9, rows: 200 });
const names = Object.keys(LEARNERS) as LearnerName[];
const fit = (name: LearnerName): Model => createLearner(name).fit(training, { seed: 4 });

const members = new Map(names.map((name) => [name, fit(name)]));
const weights = names.map((_, index) => [0.5, 0.1, 1.5, 0][index] ?? 0.3);
const stack = createStack([...members.values()], weights, -0.7);
const models: [string, Model][] = [...members, ['stack', stack]];

describe.each(models)('%s', (_name, model) => {
  const margins = marginsOf(model, unseen);

  it('sums its contributions and expected margin to the margin, for any weight', () => {
    for (let row = 0; row < 60; row++) {
      const out = new Float64Array(4).fill(2);
      const expected = model.addContributions(rowOf(unseen.values, row), out, 0.5);
      expect(out.reduce((sum, value) => sum + value, expected - 8)).toBeCloseTo(0.5 * margins[row]!, 9);
    }
  });

  it('comes back from its document with the same bits', () => {
    const back = modelFromDocument(JSON.parse(JSON.stringify(model.toDocument())));
    expect(back.kind).toBe(model.kind);
    expect(marginsOf(back, unseen)).toEqual(margins);
    expect(back.importance()).toEqual(model.importance());
    const [first, second] = [new Float64Array(4), new Float64Array(4)];
    const row = rowOf(unseen.values, 3);
    expect(back.addContributions(row, second, 1)).toBe(model.addContributions(row, first, 1));
    expect(second).toEqual(first);
  });

  it('takes a category it has never seen, and missing values everywhere', () => {
    expect(Number.isFinite(model.margin(Float64Array.of(0.1, 0.2, 0.3, 123_456)))).toBe(true);
    expect(Number.isFinite(model.margin(new Float64Array(4).fill(NaN)))).toBe(true);
  });

  it('ranks frauds above genuine payments', () => {
    const mean = (label: number): number => {
      const chosen = margins.filter((_, row) => unseen.labels[row] === label);
      return chosen.reduce((sum, margin) => sum + margin, 0) / chosen.length;
    };
    expect(mean(1)).toBeGreaterThan(mean(0));
  });

  it('finds importance of at least 0 in each feature, and some in one', () => {
    const importance = model.importance();
    expect(importance).toHaveLength(4);
    expect(importance.every((value) => value >= 0)).toBe(true);
    expect(Math.max(...importance)).toBeGreaterThan(0);
  });
});

describe.each(names)('the learner %s', (name) => {
  it('makes the same bytes of the same rows and seed', () => {
    expect(JSON.stringify(fit(name).toDocument())).toBe(JSON.stringify(members.get(name)!.toDocument()));
  });

  it('makes them of a view of a larger table too, and leaves that as it was', () => {
    const within = <Column extends Float64Array | Uint8Array>(column: Column, other: Column): Column => {
      other.set(column, 5);
      return other.subarray(5, 5 + column.length) as Column; // subarray keeps the kind of array
    };
    const view = {
      ...training,
      values: training.values.map((column) => within(column, new Float64Array(column.length + 9).fill(7))),
      labels: within(training.labels, new Uint8Array(training.labels.length + 9)),
    };
    const bytes = (): string => Buffer.concat([...view.values, view.labels].map(({ buffer }) => Buffer.from(buffer))).toString('latin1'); // prettier-ignore
    const before = bytes();
    const model = createLearner(name).fit(view, { seed: 4 });
    expect(JSON.stringify(model.toDocument())).toBe(JSON.stringify(members.get(name)!.toDocument()));
    expect(bytes() === before).toBe(true);
  });
});
