/** Trains a small model on simulated payments and scores one with its reasons: the library without the service. */
import {
  createFeatureEngine,
  createLearner,
  createSimulation,
  replayPayments,
  sentence,
  simulationOf,
  type TrainingSet,
} from 'sentinel-fraud';

const labelDelayMs = 7 * 86_400_000;
const engine = createFeatureEngine({
  catalogue: 'sentinel',
  labelDelayMs,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
});
const { features } = engine.catalogue;
// Labels arrive and the risk tables are published in between, as they are in the service.
const rows = [...replayPayments(engine, createSimulation(simulationOf({ transactions: 3_000, users: 100 })))];

const training: TrainingSet = {
  names: features.map(({ name }) => name),
  kinds: features.map(({ kind }) => kind),
  rows: rows.length,
  values: features.map((_, column) => Float64Array.from(rows, ({ vector }) => vector[column]!)),
  labels: Uint8Array.from(rows, ({ label }) => Number(label?.isFraud === true)),
  timesMs: Float64Array.from(rows, ({ arrival }) => arrival.arrivalMs),
  labelsKnownMs: Float64Array.from(rows, ({ arrival, label }) => label?.arrivalMs ?? arrival.arrivalMs + labelDelayMs),
};
const model = createLearner('logistic').fit(training, { seed: 1 });

const suspicious = rows.reduce((a, b) => (model.margin(b.vector) > model.margin(a.vector) ? b : a));
const contributions = new Float64Array(features.length);
const base = model.addContributions(suspicious.vector, contributions, 1);
const strongest = [...contributions.keys()].sort(
  (a, b) => Math.abs(contributions[b]!) - Math.abs(contributions[a]!),
)[0]!;
const sum = contributions.reduce((total, value) => total + value, base);
console.log(`log-odds ${model.margin(suspicious.vector).toFixed(6)} = base + contributions ${sum.toFixed(6)}`);
console.log(`strongest reason: ${sentence(strongest, suspicious.vector, engine.catalogue)}`);
