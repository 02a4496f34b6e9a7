/** Balanced bagging: models that each see every fraud and a sample of the genuine rows, their margins averaged. */
import { createRandom } from '../stats/random.ts';
import { type Learner, type TrainingSet } from './protocol.ts';
import { createStack } from './stack.ts';

export interface BalancedBagging {
  /** Models fitted. */
  readonly bags: number;
  /** Genuine rows in a bag for each fraud, drawn without replacement; all when there are fewer. */
  readonly genuinePerFraud: number;
}

/** Enough for the average to settle; a bag holds both classes evenly, as its source has it. */
const DEFAULT_BAGGING: BalancedBagging = { bags: 10, genuinePerFraud: 1 };

/**
 * The average of models is a stack of equal weights, so contributions stay exact and additive.
 * Source: S. Hido, H. Kashima, Y. Takahashi, Roughly balanced bagging for imbalanced data, 2009; the Fraud Detection
 * Handbook (Le Borgne et al., 2022), chapter 6.
 */
export function createBalancedBagging(
  name: string,
  inner: (name: string) => Learner,
  given: Partial<BalancedBagging> = {},
): Learner {
  const { bags, genuinePerFraud } = { ...DEFAULT_BAGGING, ...given };
  if (!(bags >= 1 && Number.isInteger(bags))) throw new RangeError(`invalid bags: ${bags}`);
  if (!(genuinePerFraud > 0)) throw new RangeError(`invalid genuinePerFraud: ${genuinePerFraud}`);
  return {
    name,
    fit(training, options) {
      const random = createRandom(options.seed);
      const models = Array.from({ length: bags }, (_, bag) => {
        const rows = bagRows(training.labels, genuinePerFraud, random.fork(bag).shuffle);
        return inner(name).fit(takeSetRows(training, rows), { ...options, seed: options.seed + bag });
      });
      return createStack(models, new Array<number>(bags).fill(1 / bags), 0);
    },
  };
}

/** Every fraud and the first of the shuffled genuine rows, rising. */
function bagRows(
  labels: Uint8Array,
  genuinePerFraud: number,
  shuffle: (rows: Uint32Array) => Uint32Array,
): Uint32Array {
  const all = Uint32Array.from(labels.keys());
  const frauds = all.filter((row) => labels[row] === 1);
  const genuine = shuffle(all.filter((row) => labels[row] !== 1));
  const most = Math.max(1, Math.round(genuinePerFraud * frauds.length));
  return Uint32Array.from([...frauds, ...genuine.slice(0, most)]).sort();
}

function takeSetRows(set: TrainingSet, rows: Uint32Array): TrainingSet {
  const take = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
  return {
    names: set.names,
    rows: rows.length,
    values: set.values.map(take),
    labels: Uint8Array.from(rows, (row) => set.labels[row]!),
    ...(set.kinds && { kinds: set.kinds }),
    ...(set.weights && { weights: take(set.weights) }),
    ...(set.timesMs && { timesMs: take(set.timesMs) }),
    ...(set.labelsKnownMs && { labelsKnownMs: take(set.labelsKnownMs) }),
  };
}
