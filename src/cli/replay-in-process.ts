/** A data set through the live feature functions and a model, as fast as one thread can. */
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { type RateTable } from '../domain/money.ts';
import { createFeatureEngine } from '../features/engine.ts';
import { type ModelArtifact, scorerOf } from '../scoring/artifact.ts';
import { createDatasetReplay } from '../usecases/replay-dataset.ts';

export interface InProcessCounts {
  readonly payments: number;
  readonly labels: number;
  /** By the labels of the file: frauds, and those scored at or above the review threshold. */
  readonly frauds: number;
  readonly caught: number;
  readonly entities: number;
  readonly profileBytes: number;
}

/** Contributions are computed where the artifact says that the service computes them with every decision. */
export async function replayInProcess(
  batches: AsyncIterable<readonly ReplayEvent[]>,
  {
    artifact,
    rates,
    onPayments,
    signal,
  }: {
    readonly artifact: ModelArtifact;
    readonly rates: RateTable;
    readonly onPayments: (count: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<InProcessCounts> {
  const scorer = scorerOf(artifact);
  const engine = createFeatureEngine(artifact.featureSettings);
  const counts = { payments: 0, labels: 0, frauds: 0, caught: 0 };
  const replay = createDatasetReplay(engine, rates, (_arrival, vector, label) => {
    const score = scorer.score(vector);
    const flagged = score.probability >= artifact.thresholds.review;
    if (artifact.explanations === 'always' || flagged) scorer.explain(vector, score);
    counts.payments++;
    if (label?.isFraud !== true) return;
    counts.frauds++;
    if (flagged) counts.caught++;
  });
  for await (const batch of batches) {
    signal.throwIfAborted();
    for (const event of batch) {
      replay(event);
      if (event.type === 'label') counts.labels++;
    }
    onPayments(counts.payments);
  }
  const { entities, bytes } = engine.memory();
  return { ...counts, entities, profileBytes: bytes };
}
