/** Replay speed on one core: payments a second through the features, then through features and score; bytes an entity. */
import { performance } from 'node:perf_hooks';
import { type Arrival } from '../src/domain/transaction.ts';
import { createFeatureEngine, type FeatureEngine, type FeatureSettings } from '../src/features/engine.ts';
import { type ModelArtifact, scorerOf } from '../src/scoring/artifact.ts';
import { simulationOf } from '../src/simulation/scale.ts';
import { createSimulation } from '../src/simulation/simulation.ts';

export interface ReplayRun {
  readonly users: number;
  readonly payments: number;
  readonly featuresPerSecond: number;
  /** Absent without a model. */
  readonly featuresAndScorePerSecond?: number;
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

type OnVector = (vector: Float64Array) => void;

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
  return (all.length * 1_000) / (performance.now() - startMs);
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
  const withScore: OnVector | undefined =
    scorer &&
    ((vector) => {
      const score = scorer.score(vector);
      scorer.explain(vector, score);
    });
  for (let i = 0; i < WARM_UPS; i++) {
    fold(createFeatureEngine(settings), first, onlyFeatures);
    if (withScore) fold(createFeatureEngine(settings), first, withScore);
  }
  for (const { users, payments } of sizes) {
    onProgress(`generating ${payments} payments of ${users} users`);
    const all = arrivals(users, payments);
    const engine = createFeatureEngine(settings);
    const featuresPerSecond = fold(engine, all, onlyFeatures);
    const { entities, bytes } = engine.memory();
    const scored = withScore && fold(createFeatureEngine(settings), all, withScore);
    runs.push({
      users,
      payments,
      featuresPerSecond,
      ...(scored !== undefined && { featuresAndScorePerSecond: scored }),
      entities,
      bytesPerEntity: bytes / entities,
    });
  }
  return runs;
}
