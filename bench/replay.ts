/** Replay speed on one core: payments a second through features, score and contributions; bytes an entity. */
import { performance } from 'node:perf_hooks';
import { type Arrival } from '../src/domain/transaction.ts';
import { createFeatureEngine, type FeatureEngine, type FeatureSettings } from '../src/features/engine.ts';
import { type ModelArtifact, scorerOf } from '../src/scoring/artifact.ts';
import { simulationOf } from '../src/simulation/scale.ts';
import { createSimulation } from '../src/simulation/simulation.ts';
import { median } from './median.ts';

export interface ReplayRun {
  readonly users: number;
  readonly payments: number;
  readonly featuresPerSecond: number;
  /** Features, then score; absent without a model, as is the next. */
  readonly scoredPerSecond?: number;
  /** Features, score, then exact contributions, as a decision is recomputed. */
  readonly explainedPerSecond?: number;
  readonly entities: number;
  readonly bytesPerEntity: number;
}

/** Payments of one replay, generated ahead so that only the replay is timed; times spread over thirty days. */
function arrivals(users: number, payments: number): Arrival[] {
  const simulated = createSimulation(simulationOf({ seed: 7, users, transactions: payments }));
  const all: Arrival[] = [];
  for (const { transaction } of simulated) {
    all.push({
      seq: all.length + 1,
      arrivalMs: transaction.eventTimeMs,
      transaction,
      amountBaseMinor: transaction.amountMinor,
    });
  }
  return all;
}

/** Replays before the timed ones: with one, half of a run over 10,000 users went by in code not yet compiled. */
const WARM_UPS = 4;

/** Short replays are repeated for so long; the median is taken. */
const LEAST_MS = 2_000;

type OnVector = (vector: Float64Array) => void;

/** Milliseconds that all payments take. */
function fold(engine: FeatureEngine, all: readonly Arrival[], onVector: OnVector): number {
  const vector = new Float64Array(engine.catalogue.features.length);
  const startMs = performance.now();
  for (const arrival of all) {
    const due = engine.tablesDue(arrival.arrivalMs);
    if (due !== undefined) engine.publish(due);
    engine.read(arrival, vector);
    onVector(vector);
    engine.update(arrival, 'approve');
  }
  return performance.now() - startMs;
}

/** Payments a second, each time by an engine that has seen nothing. */
function ratePerSecond(settings: FeatureSettings, all: readonly Arrival[], onVector: OnVector): number {
  const timesMs: number[] = [];
  for (let totalMs = 0; totalMs < LEAST_MS; totalMs += timesMs.at(-1)!) {
    timesMs.push(fold(createFeatureEngine(settings), all, onVector));
  }
  return (all.length * 1_000) / median(timesMs);
}

/** Replays the same payments with and without the model; `payments` a user follow the simulation's own rhythm. */
export function benchReplay(
  settings: FeatureSettings,
  artifact: ModelArtifact | undefined,
  sizes: readonly { readonly users: number; readonly payments: number }[],
  onProgress: (text: string) => void = () => undefined,
): ReplayRun[] {
  const runs: ReplayRun[] = [];
  // compile the paths before timing them: code made for the first engine alone is thrown away at the second
  const first = arrivals(1_000, 20_000);
  const scorer = artifact && scorerOf(artifact);
  const onlyFeatures: OnVector = () => undefined;
  const withScore: OnVector | undefined = scorer && ((vector) => scorer.score(vector));
  const withContributions: OnVector | undefined = scorer && ((vector) => scorer.explain(vector, scorer.score(vector)));
  for (let i = 0; i < WARM_UPS; i++) {
    for (const onVector of [onlyFeatures, withScore, withContributions]) {
      if (onVector) fold(createFeatureEngine(settings), first, onVector);
    }
  }
  for (const { users, payments } of sizes) {
    onProgress(`generating ${payments} payments of ${users} users`);
    const all = arrivals(users, payments);
    const engine = createFeatureEngine(settings);
    fold(engine, all, onlyFeatures);
    const { entities, bytes } = engine.memory();
    runs.push({
      users,
      payments,
      featuresPerSecond: ratePerSecond(settings, all, onlyFeatures),
      ...(withScore && { scoredPerSecond: ratePerSecond(settings, all, withScore) }),
      ...(withContributions && { explainedPerSecond: ratePerSecond(settings, all, withContributions) }),
      entities,
      bytesPerEntity: bytes / entities,
    });
  }
  return runs;
}
