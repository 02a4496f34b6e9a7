/** How well stated probabilities hold, before calibration and after Platt scaling and isotonic regression. */
import { fitIsotonic } from '../src/learners/calibration/isotonic.ts';
import { fitPlatt } from '../src/learners/calibration/platt.ts';
import { marginsOf } from '../src/learners/margins.ts';
import { type Learner } from '../src/learners/protocol.ts';
import { bootstrapSamples, percentileInterval } from '../src/metrics/bootstrap.ts';
import { binEdges, expectedCalibrationError, reliabilityCurve } from '../src/metrics/calibration.ts';
import { brierScore, logLoss } from '../src/metrics/probability-loss.ts';
import { exp } from '../src/stats/elementary.ts';
import { CALIBRATION_BINS, CONFIDENCE, type MeasuredMetric } from '../src/training/evaluate.ts';
import { type Periods, rowsIn, timeOrderedPeriods } from '../src/training/split.ts';
import { countFrauds, takeRows, type TrainingTable } from '../src/training/table.ts';

export const CALIBRATION_METRICS = ['brier', 'calibrationError', 'logLoss'] as const;
export type CalibrationMetric = (typeof CALIBRATION_METRICS)[number];
/** `before`: the margin taken as log-odds, or as it stands where it is a share, as a forest's is. */
export const CALIBRATION_STATES = ['before', 'platt', 'isotonic'] as const;
export type CalibrationState = (typeof CALIBRATION_STATES)[number];

type Figures = Readonly<Record<CalibrationMetric, MeasuredMetric>>;

export interface CalibrationResult {
  readonly learner: string;
  readonly measured: Readonly<Record<CalibrationState, Figures>>;
  /** After less before on the same resamples: below 0 is better. */
  readonly change: Readonly<Record<Exclude<CalibrationState, 'before'>, Figures>>;
}

export interface CalibrationReport {
  readonly data: string;
  readonly calibratedOn: Readonly<{ payments: number; frauds: number }>;
  readonly testedOn: Readonly<{ payments: number; frauds: number; customers: number }>;
  readonly bins: number;
  readonly replicates: number;
  readonly confidence: number;
  readonly results: readonly CalibrationResult[];
}

export interface CalibrationBenchOptions {
  readonly data: string;
  readonly table: TrainingTable;
  readonly learners: readonly Learner[];
  readonly labelDelayMs: number;
  readonly seed: number;
  /** Resamples of customers. */
  readonly replicates: number;
  readonly onProgress?: (share: number) => void;
}

/** Learners fitted on the training period, calibrated on the calibration period, measured on the test period. */
export function benchCalibration(options: CalibrationBenchOptions): CalibrationReport {
  const { table, learners, labelDelayMs, seed, replicates, onProgress } = options;
  const periods = timeOrderedPeriods(table, labelDelayMs);
  const rowsOf = (name: keyof Periods): TrainingTable => takeRows(table, rowsIn(table.timesMs, periods[name]));
  const [training, validation, calibration, test] = [rowsOf('train'), rowsOf('earlyStopping'), rowsOf('calibration'), rowsOf('test')]; // prettier-ignore
  const results = learners.map((learner, index) => {
    const model = learner.fit(training, { seed, validation });
    const margins = marginsOf(model, calibration);
    const [platt, isotonic] = [fitPlatt(margins, calibration.labels), fitIsotonic(margins, calibration.labels)];
    const tested = marginsOf(model, test);
    const stated: Readonly<Record<CalibrationState, Float64Array>> = {
      before: uncalibrated(tested),
      platt: tested.map((margin) => platt.apply(margin)),
      isotonic: tested.map((margin) => isotonic.apply(margin)),
    };
    onProgress?.((index + 1) / learners.length);
    return { learner: learner.name, ...measure(test, stated, seed, replicates) };
  });
  return {
    data: options.data,
    calibratedOn: { payments: calibration.rows, frauds: countFrauds(calibration.labels) },
    testedOn: { payments: test.rows, frauds: countFrauds(test.labels), customers: new Set(test.customers).size },
    bins: CALIBRATION_BINS,
    replicates,
    confidence: CONFIDENCE,
    results,
  };
}

function uncalibrated(margins: Float64Array): Float64Array {
  const areShares = margins.every((margin) => margin >= 0 && margin <= 1);
  return areShares ? margins : margins.map((margin) => 1 / (1 + exp(-margin)));
}

/** All states on the same resamples of customers, so that their differences have intervals of their own. */
function measure(
  { labels, customers, rows }: TrainingTable,
  stated: Readonly<Record<CalibrationState, Float64Array>>,
  seed: number,
  replicates: number,
): Omit<CalibrationResult, 'learner'> {
  const edges = CALIBRATION_STATES.map((state) => binEdges(stated[state], CALIBRATION_BINS, 'width'));
  /** [states × metrics] in the order of the two lists. */
  const figuresOf = (weights?: Float64Array): number[] =>
    CALIBRATION_STATES.flatMap((state, i) => [
      brierScore(labels, stated[state], weights),
      expectedCalibrationError(reliabilityCurve(labels, stated[state], edges[i]!, weights)),
      logLoss(labels, stated[state], weights),
    ]);
  const values = figuresOf();
  const samples = bootstrapSamples({ rows, clusters: customers, replicates, seed }, figuresOf);
  const place = (state: number, metric: number): number => state * CALIBRATION_METRICS.length + metric;
  const figures = (read: (numbers: (at: number) => number, metric: number) => number): Figures =>
    Object.fromEntries(
      CALIBRATION_METRICS.map((name, metric) => {
        const value = read((at) => values[at]!, metric);
        const resampled = Array.from({ length: replicates }, (_, i) => read((at) => samples[at]![i]!, metric));
        const interval = replicates === 0 ? { low: NaN, high: NaN } : percentileInterval(resampled, CONFIDENCE);
        return [name, { value, ...interval }];
      }),
    ) as Figures; // one entry a metric
  const [before, platt, isotonic] = CALIBRATION_STATES.map((_, state) =>
    figures((numbers, metric) => numbers(place(state, metric))),
  );
  const change = (state: number): Figures =>
    figures((numbers, metric) => numbers(place(state, metric)) - numbers(place(0, metric)));
  return {
    measured: { before: before!, platt: platt!, isotonic: isotonic! },
    change: { platt: change(1), isotonic: change(2) },
  };
}
