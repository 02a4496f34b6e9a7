/** Trains a small model on simulated payments and scores one with its reasons: the library without the service. */
import {
  type Arrival,
  createFeatureEngine,
  createLearner,
  createSimulation,
  sentence,
  simulationOf,
  type TrainingSet,
} from 'sentinel-fraud';

const engine = createFeatureEngine({
  catalogue: 'sentinel',
  labelDelayMs: 7 * 86_400_000,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
});
const { features } = engine.catalogue;
const rows: {
  readonly vector: Float64Array;
  readonly isFraud: boolean;
  readonly timeMs: number;
  readonly knownMs: number;
}[] = [];

for (const { transaction, label } of createSimulation(simulationOf({ transactions: 3_000, users: 100 }))) {
  const seq = rows.length + 1;
  const arrival: Arrival = {
    seq,
    arrivalMs: transaction.eventTimeMs,
    transaction,
    amountBaseMinor: transaction.amountMinor,
  };
  const vector = new Float64Array(features.length);
  engine.read(arrival, vector);
  engine.update(arrival, 'approve');
  rows.push({
    vector,
    isFraud: label?.isFraud === true,
    timeMs: arrival.arrivalMs,
    knownMs: label?.arrivalMs ?? Infinity,
  });
}

const training: TrainingSet = {
  names: features.map(({ name }) => name),
  kinds: features.map(({ kind }) => kind),
  rows: rows.length,
  values: features.map((_, column) => Float64Array.from(rows, ({ vector }) => vector[column]!)),
  labels: Uint8Array.from(rows, ({ isFraud }) => Number(isFraud)),
  timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
  labelsKnownMs: Float64Array.from(rows, ({ knownMs }) => knownMs),
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
