/** Training sets in the words of the learner protocol. */
import { type TrainingSet } from '../../src/learners/protocol.ts';
import { createRandom } from '../../src/stats/random.ts';
import { aLabelledTable } from './labelled-rows.ts';

/** Numeric features only. */
export function aTrainingSet(options: Parameters<typeof aLabelledTable>[0] = {}): TrainingSet {
  const { columns, labels } = aLabelledTable(options);
  return { names: columns.map((_, index) => `x${index}`), rows: labels.length, values: columns, labels };
}

const DAY_MS = 86_400_000;
/** Fraud is far likelier under this value of the category. */
export const RISKY_CATEGORY = 3_000_000_001;

/** Numeric features and, last, a category of ten 32-bit names; one payment a minute, labels a day late. */
export function aTrainingSetWithCategory({ rows = 600, seed = 1, missing = 0.05 } = {}): TrainingSet {
  const set = aTrainingSet({ rows, seed, missing, features: 3 });
  const random = createRandom(seed + 1);
  const category = Float64Array.from(set.labels, () => {
    if (random.next() < missing) return NaN;
    // The first names are drawn more often than the last.
    return RISKY_CATEGORY + Math.floor(10 * random.next() * random.next()) * 97;
  });
  const labels = set.labels.map((label, row) => (category[row] === RISKY_CATEGORY && random.next() < 0.6 ? 1 : label));
  const timesMs = Float64Array.from(labels, (_, row) => row * 60_000);
  return {
    names: [...set.names, 'category'],
    rows,
    values: [...set.values, category],
    kinds: ['numeric', 'numeric', 'numeric', 'category'],
    labels,
    timesMs,
    labelsKnownMs: timesMs.map((time) => time + DAY_MS / 4),
  };
}
