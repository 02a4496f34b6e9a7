/** What other libraries fitted to one small table; see test/golden/learners/recipe.py. */
import { readFileSync } from 'node:fs';
import { type TrainingSet } from '../../src/learners/protocol.ts';

interface GoldenLearners {
  readonly columns: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly logistic: Readonly<Record<'standard' | 'balanced' | 'minMax' | 'elasticNet', readonly number[]>>;
  readonly tree: Readonly<Record<'2' | '4', readonly number[]>>;
  readonly boosting: Readonly<Record<'depthWise' | 'leafWise', readonly number[]>>;
  readonly margins: readonly number[];
  readonly platt: readonly [number, number];
  readonly isotonic: Readonly<Record<'margins' | 'asked' | 'probabilities', readonly number[]>>;
  readonly stack: {
    readonly members: readonly (readonly number[])[];
    readonly weights: readonly number[];
    readonly intercept: number;
  };
}

export const golden = JSON.parse(
  readFileSync(new URL('../golden/learners/learners.json', import.meta.url), 'utf8'),
) as GoldenLearners;

export const goldenSet: TrainingSet = {
  names: golden.columns.map((_, index) => `x${index}`),
  rows: golden.labels.length,
  values: golden.columns.map((column) => Float64Array.from(column)),
  labels: Uint8Array.from(golden.labels),
};
