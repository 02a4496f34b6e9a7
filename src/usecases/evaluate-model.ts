/** A stored model measured on a table of history: what it says of each payment, and every metric with its interval. */
import { type Costs } from '../domain/costs.ts';
import { SentinelError } from '../domain/errors.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { evaluate, type Evaluation } from '../training/evaluate.ts';
import { type ScoredSample } from '../training/metric-table.ts';
import { scoreTable } from '../training/pipeline.ts';
import { countFrauds, type TrainingTable } from '../training/table.ts';

export interface EvaluatedModel {
  readonly sample: ScoredSample;
  readonly evaluation: Evaluation;
}

/** Uses the thresholds the model was trained to. LABELS_INSUFFICIENT when the table lacks frauds or genuine payments. */
export function evaluateModel(
  artifact: Pick<ModelArtifact, 'model' | 'calibrator' | 'thresholds'>,
  table: TrainingTable,
  options: { readonly costs: Costs; readonly replicates: number; readonly seed: number },
): EvaluatedModel {
  const frauds = countFrauds(table.labels);
  if (frauds === 0 || frauds === table.rows) {
    throw new SentinelError('LABELS_INSUFFICIENT', {
      problem: `there are ${frauds} frauds among ${table.rows} payments`,
    });
  }
  const sample = scoreTable(artifact.model, artifact, table);
  return { sample, evaluation: evaluate(sample, { ...options, thresholds: artifact.thresholds }) };
}
