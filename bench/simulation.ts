/** How hard the simulated payments are, and what a fraud campaign costs that no training has seen. */
import { withoutCampaign } from '../src/datasets/without-campaign.ts';
import { type LabelledTransaction } from '../src/domain/labelled-transaction.ts';
import { createLearner } from '../src/learners/defaults.ts';
import { marginsOf } from '../src/learners/margins.ts';
import { type Learner } from '../src/learners/protocol.ts';
import { averagePrecision } from '../src/metrics/average-precision.ts';
import { bootstrapIntervals } from '../src/metrics/bootstrap.ts';
import { precisionRecallCurve } from '../src/metrics/curves.ts';
import { createRankedCounter, type RankedCounts } from '../src/metrics/ranked-counts.ts';
import { rocAuc } from '../src/metrics/roc-auc.ts';
import { createSimulation, type SimulationOptions } from '../src/simulation/simulation.ts';
import { CONFIDENCE, type MeasuredMetric } from '../src/training/evaluate.ts';
import { rowsIn, timeOrderedPeriods } from '../src/training/split.ts';
import { countFrauds, takeRows, type TrainingTable } from '../src/training/table.ts';
import { unseenCycles, without } from '../src/training/unseen-cycles.ts';
import { type DatasetTable } from '../src/usecases/build-training-table.ts';
import { type TrainedPipeline, type TrainingPipeline } from '../src/usecases/training-pipeline.ts';

/** The recall at which precision is read. */
const RECALL = 0.85;
/** What a payment says of itself, without any history. */
const RAW_COLUMNS: ReadonlySet<string> = new Set([
  'amount',
  'merchant_category',
  'transaction_type',
  'device_type',
  'card_type',
  'location_country',
  'currency',
  'hour_of_day',
  'day_of_week',
]);

export interface Separation {
  readonly rocAuc: MeasuredMetric;
  readonly averagePrecision: MeasuredMetric;
  /** The best precision at a recall of 0.85 or more. */
  readonly precisionAtRecall: MeasuredMetric;
}

/** Share of a campaign's test payments that were reviewed or blocked, by each model's own thresholds. */
export interface HeldOut {
  readonly campaign: string;
  readonly testFrauds: number;
  readonly seen: number;
  /** By a model whose training, calibration and policy periods held no payment of the campaign. */
  readonly unseen: number;
}

export interface SimulationReport {
  readonly payments: number;
  readonly testedOn: Readonly<{ payments: number; frauds: number }>;
  readonly model: string;
  readonly system: Separation;
  /** A decision tree of depth 2 on the columns of the payment itself. */
  readonly rawTree: Separation;
  readonly heldOut: readonly HeldOut[];
}

export interface SimulationBenchOptions {
  readonly simulation: SimulationOptions;
  readonly pipeline: TrainingPipeline;
  readonly labelDelayMs: number;
  readonly campaigns: readonly string[];
  readonly seed: number;
  readonly replicates: number;
  readonly onProgress?: (share: number) => void;
}

/** One training on everything, and one without each campaign named; the test period always holds all. */
export async function benchSimulation(options: SimulationBenchOptions): Promise<SimulationReport> {
  const { simulation, pipeline, labelDelayMs, campaigns, seed, replicates, onProgress } = options;
  const steps = campaigns.length + 1;
  const table = await pipeline.table(createSimulation(simulation));
  const full = await pipeline.fit(table);
  const periods = timeOrderedPeriods(table, labelDelayMs);
  const test = takeRows(table, rowsIn(table.timesMs, periods.test));
  const separate = (scores: Float64Array): Separation => separationOf(test, scores, seed, replicates);
  onProgress?.(1 / steps);

  const heldOut: HeldOut[] = [];
  for (const [index, campaign] of campaigns.entries()) {
    const past = withoutPast(createSimulation(simulation), campaign, periods.test.fromMs);
    const blind = await pipeline.table(past);
    const seen = caughtOf(table, full, campaign, labelDelayMs);
    const unseen = caughtOf(blind, await pipeline.fit(blind), campaign, labelDelayMs);
    heldOut.push({ campaign, testFrauds: seen.frauds, seen: seen.share, unseen: unseen.share });
    onProgress?.((index + 2) / steps);
  }
  return {
    payments: table.rows,
    testedOn: { payments: test.rows, frauds: countFrauds(test.labels) },
    model: full.artifact.modelType,
    system: separate(full.test.margins),
    rawTree: separate(rawScores(createLearner('tree'), takeRows(table, rowsIn(table.timesMs, periods.train)), test, seed)), // prettier-ignore
    heldOut,
  };
}

/** The payments without those of a campaign before `fromMs`. */
function* withoutPast(
  payments: Iterable<LabelledTransaction>,
  campaign: string,
  fromMs: number,
): Generator<LabelledTransaction> {
  for (const payment of payments) {
    if (payment.transaction.eventTimeMs >= fromMs) yield payment;
    else yield* withoutCampaign([payment], campaign);
  }
}

/** How much of a campaign in the test period of `table` the model's thresholds catch; NaN of nothing. */
function caughtOf(
  table: DatasetTable,
  { artifact, test }: TrainedPipeline,
  campaign: string,
  labelDelayMs: number,
): { readonly frauds: number; readonly share: number } {
  const rows = rowsIn(table.timesMs, timeOrderedPeriods(table, labelDelayMs).test);
  let frauds = 0;
  let caught = 0;
  rows.forEach((row, place) => {
    if (table.campaigns[row] !== campaign) return;
    frauds++;
    if (test.probabilities[place]! >= artifact.thresholds.review) caught++;
  });
  return { frauds, share: caught / frauds };
}

function rawScores(learner: Learner, training: TrainingTable, test: TrainingTable, seed: number): Float64Array {
  const histories = training.names.filter((name) => !RAW_COLUMNS.has(name));
  const raw = without(without(training, unseenCycles(training)), histories);
  return marginsOf(learner.fit(raw, { seed }), without(test, histories));
}

function separationOf(
  { labels, customers, rows }: TrainingTable,
  scores: Float64Array,
  seed: number,
  replicates: number,
): Separation {
  const count = createRankedCounter(labels, scores);
  const read = (weights?: Float64Array): number[] => {
    const counts = count(weights);
    return [rocAuc(counts), averagePrecision(counts), precisionAtRecall(counts)];
  };
  const values = read();
  const intervals =
    replicates === 0
      ? []
      : bootstrapIntervals({ rows, clusters: customers, replicates, confidence: CONFIDENCE, seed }, read);
  const [auc, precision, atRecall] = values.map((value, metric) => ({
    value,
    ...(intervals[metric] ?? { low: NaN, high: NaN }),
  }));
  return { rocAuc: auc!, averagePrecision: precision!, precisionAtRecall: atRecall! };
}

const precisionAtRecall = (counts: RankedCounts): number =>
  precisionRecallCurve(counts).reduce((best, { recall, precision }) => (recall >= RECALL ? Math.max(best, precision) : best), 0); // prettier-ignore
