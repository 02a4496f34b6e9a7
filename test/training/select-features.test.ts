/** Which features are kept: those that tell, chosen on training payments alone, and nothing else reaches the model. */
import { describe, expect, it } from 'vitest';
import { marginsOf } from '../../src/learners/margins.ts';
import { createRandom } from '../../src/stats/random.ts';
import { expandingFolds } from '../../src/training/cross-validate.ts';
import { createModelCard } from '../../src/training/model-card/card.ts';
import { renderModelCard } from '../../src/training/model-card/page.ts';
import { rowsIn } from '../../src/training/split.ts';
import { selectFeatures } from '../../src/training/select-features.ts';
import { takeColumns, takeRows, type TrainingTable } from '../../src/training/table.ts';
import { aTrainedEnsemble, cardFacts, QUICK_LEARNERS } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

/** Two features that tell, one category, and sixteen of noise. */
function aNoisyTable(seed = 1): TrainingTable {
  const table = aTrainingTable({ rows: 3_000, intercept: -2, seed });
  const random = createRandom(seed + 100);
  const noises = Array.from({ length: 15 }, (_, i) => ({ name: `noise ${i}`, values: Float64Array.from(table.values[0]!, () => random.normal()) })); // prettier-ignore
  return {
    ...table,
    names: [...table.names, ...noises.map(({ name }) => name)],
    kinds: [...table.kinds, ...noises.map(() => 'numeric' as const)],
    values: [...table.values, ...noises.map(({ values }) => values)],
    labelsKnownMs: table.timesMs,
  };
}

const table = aNoisyTable();
const options = { learner: QUICK_LEARNERS[1]!, folds: expandingFolds(table.timesMs, 3, 0), seed: 1 };
const selection = selectFeatures(table, options);

describe('selectFeatures', () => {
  it('keeps what tells, leaves out what does not, and says what each step left out', () => {
    expect(selection.kept).toEqual(expect.arrayContaining(['strong', 'weak', 'category']));
    expect(selection.leftOut.length).toBeGreaterThanOrEqual(4);
    expect(selection.leftOut.every((name) => name.startsWith('noise'))).toBe(true);
    expect([...selection.kept, ...selection.leftOut].sort()).toEqual([...table.names].sort());
    const { steps, chosen } = selection;
    expect(steps[0]!.features).toBe(19);
    steps.slice(1).forEach(({ features }, step) => expect(features).toBe(steps[step]!.features - steps[step]!.dropped.length)); // prettier-ignore
    expect(selection.leftOut.length).toBe(steps.slice(0, chosen).reduce((sum, { dropped }) => sum + dropped.length, 0));
    // Only the last step may have been worse, and then it is not kept.
    expect(chosen).toBeGreaterThanOrEqual(steps.length - 2);
    if (chosen < steps.length - 1) {
      const best = Math.max(...steps.slice(0, -1).map(({ averagePrecision }) => averagePrecision));
      expect(steps.at(-1)!.averagePrecision).toBeLessThan(best - 0.002);
    }
  });

  it('keeps the same of the same table and seed, whatever the order of its columns', () => {
    expect(selectFeatures(table, options)).toEqual(selection);
    const turned = selectFeatures(takeColumns(table, table.names.toReversed()), options);
    expect(turned.kept.filter((name) => !name.startsWith('noise')).sort()).toEqual(['category', 'strong', 'weak']);
  });

  it('keeps all when no fold has both classes', () => {
    const none = selectFeatures({ ...table, labels: new Uint8Array(table.rows) }, options);
    expect(none).toMatchObject({ steps: [], kept: table.names, leftOut: [] });
  });
});

describe('training with features selected', () => {
  const trained = aTrainedEnsemble(table, { selectFeatures: true });
  const { leftOut } = trained.selection!;

  it('gives a model that what was left out cannot move', () => {
    expect(leftOut.length).toBeGreaterThanOrEqual(4);
    const test = takeRows(table, rowsIn(table.timesMs, trained.periods.test));
    const moved = test.values.map((column, i) => (leftOut.includes(test.names[i]!) ? column.map((x) => 10 - x) : column)); // prettier-ignore
    expect(marginsOf(trained.champion.model, { ...test, values: moved })).toEqual(trained.test.margins);
    const used = trained.importance.filter(({ meanShap }) => meanShap > 0).map(({ feature }) => feature);
    expect(used.filter((feature) => leftOut.includes(feature))).toEqual([]);
  });

  it('chooses by training payments alone', () => {
    const other = { ...table, labels: table.labels.slice() };
    for (let row = rowsIn(table.timesMs, trained.periods.train).at(-1)! + 1; row < other.rows; row++) other.labels[row] = row % 2; // prettier-ignore
    expect(aTrainedEnsemble(other, { periods: trained.periods, selectFeatures: true }).selection).toEqual(trained.selection); // prettier-ignore
  });

  it('says on the card what was left out and what it cost', () => {
    const card = createModelCard(trained, cardFacts(table));
    const page = renderModelCard(card);
    expect(page).toContain('Features left out');
    expect(page).toContain(`<code>${leftOut[0]!}</code>`);
    expect(renderModelCard(createModelCard(aTrainedEnsemble(table), cardFacts(table)))).not.toContain('Features left out'); // prettier-ignore
  });
});
