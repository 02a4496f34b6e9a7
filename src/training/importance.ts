/** Which features a model lives on: by Shapley values, by gain, and by what is lost when one is shuffled. */
import { averagePrecision } from '../metrics/average-precision.ts';
import { rankedCounts } from '../metrics/ranked-counts.ts';
import { marginsOf } from '../learners/margins.ts';
import { type Model } from '../learners/protocol.ts';
import { createRandom } from '../stats/random.ts';
import { takeRows, type TrainingTable } from './table.ts';

export interface FeatureImportance {
  readonly feature: string;
  /** Mean |Shapley value| over the sampled rows, log-odds. */
  readonly meanShap: number;
  /** Share of the model's total gain, 0..1. */
  readonly gainShare: number;
  /** Average precision lost when its values are dealt to other rows; of the most important features only. */
  readonly permutationLoss?: number;
}

/** `count` rows spread evenly over the table; all when there are fewer. */
export function spreadRows(rows: number, count: number): Uint32Array {
  const taken = Math.min(rows, count);
  return Uint32Array.from({ length: taken }, (_, i) => Math.floor((i * rows) / taken));
}

/** Importance of every feature over the rows of `table`, most important first; none by a model without contributions. */
export function globalImportance(model: Model, table: TrainingTable): readonly FeatureImportance[] {
  if (model.isUnexplained) return [];
  const sums = new Float64Array(model.featureCount);
  const contributions = new Float64Array(model.featureCount);
  const vector = new Float64Array(model.featureCount);
  for (let row = 0; row < table.rows; row++) {
    for (let feature = 0; feature < vector.length; feature++) vector[feature] = table.values[feature]![row]!;
    model.addContributions(vector, contributions.fill(0), 1);
    for (let feature = 0; feature < sums.length; feature++) sums[feature]! += Math.abs(contributions[feature]!);
  }
  const gain = model.importance();
  const totalGain = gain.reduce((sum, value) => sum + value, 0);
  return table.names
    .map((feature, i) => ({
      feature,
      meanShap: sums[i]! / table.rows,
      gainShare: totalGain > 0 ? gain[i]! / totalGain : 0,
    }))
    .sort((a, b) => b.meanShap - a.meanShap);
}

/**
 * Average precision lost when a feature's values are dealt to other rows at random, for each feature named; near
 * 0 for a feature the model can do without. Cost: one scoring of the table a feature.
 * Source: L. Breiman, Random forests, 2001, section 10.
 */
export function permutationImportance(
  model: Model,
  table: TrainingTable,
  names: readonly string[],
  seed: number,
): readonly number[] {
  const quality = (values: TrainingTable['values']): number =>
    averagePrecision(rankedCounts(table.labels, marginsOf(model, { ...table, values })));
  const whole = quality(table.values);
  const random = createRandom(seed);
  return names.map((name) => {
    const feature = table.names.indexOf(name);
    const dealt = random.fork(feature).shuffle(table.values[feature]!.slice());
    return whole - quality(table.values.with(feature, dealt));
  });
}

/** The importance of every feature over at most `count` rows of a table. */
export function sampledImportance(model: Model, table: TrainingTable, count: number): readonly FeatureImportance[] {
  return globalImportance(model, takeRows(table, spreadRows(table.rows, count)));
}

/** The same features, the first `count` with their loss by permutation over at most `rows` rows. */
export function withPermutation(
  importance: readonly FeatureImportance[],
  model: Model,
  table: TrainingTable,
  { count, rows, seed }: { readonly count: number; readonly rows: number; readonly seed: number },
): readonly FeatureImportance[] {
  const sample = takeRows(table, spreadRows(table.rows, rows));
  const names = importance.slice(0, count).map(({ feature }) => feature);
  const losses = permutationImportance(model, sample, names, seed);
  return importance.map((each, place) => (place < count ? { ...each, permutationLoss: losses[place]! } : each));
}
