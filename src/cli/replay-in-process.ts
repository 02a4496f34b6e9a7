/** A data set through the live feature functions and the model in production, as fast as one thread can. */
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { SentinelError } from '../domain/errors.ts';
import { createFeatureEngine } from '../features/engine.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { scorerOf } from '../scoring/artifact.ts';
import { loadArtifact } from '../usecases/load-champion.ts';
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
  deps: {
    readonly registry: ModelRegistry;
    readonly onPayments: (count: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<InProcessCounts> {
  const version = await deps.registry.production();
  if (version === undefined) throw new SentinelError('NOT_READY', { reason: 'no model is in production' });
  const artifact = await loadArtifact(deps.registry, version, onnxRuntime);
  const scorer = scorerOf(artifact);
  const engine = createFeatureEngine(artifact.featureSettings);
  const counts = { payments: 0, labels: 0, frauds: 0, caught: 0 };
  const replay = createDatasetReplay(engine, DEFAULT_RATES, (_arrival, vector, label) => {
    const score = scorer.score(vector);
    const flagged = score.probability >= artifact.thresholds.review;
    if (artifact.explanations === 'always' || flagged) scorer.explain(vector, score);
    counts.payments++;
    if (label?.isFraud !== true) return;
    counts.frauds++;
    if (flagged) counts.caught++;
  });
  for await (const batch of batches) {
    deps.signal.throwIfAborted();
    for (const event of batch) {
      replay(event);
      if (event.type === 'label') counts.labels++;
    }
    deps.onPayments(counts.payments);
  }
  const { entities, bytes } = engine.memory();
  return { ...counts, entities, profileBytes: bytes };
}
