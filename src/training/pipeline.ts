/** From a table of history to a model ready for service: fit, stack, calibrate, choose thresholds, test once. */
import { type Costs } from '../domain/costs.ts';
import { DAY_MS } from '../domain/time.ts';
import { marginsOf } from '../learners/margins.ts';
import { type Learner, type Model } from '../learners/protocol.ts';
import { type ReviewAndBlock } from '../metrics/money.ts';
import { type ChosenCalibration, chooseCalibration, probabilitiesOf } from './calibrate.ts';
import { candidatesFrom, championOf, fitMembers, rankCandidates, type RankedCandidate } from './candidates.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import { type FeatureImportance, sampledImportance, withPermutation } from './importance.ts';
import { type InputDrift, inputDrift } from './input-drift.ts';
import { type SuspiciousFeature, suspiciousFeatures } from './leak-alarm.ts';
import { type EvaluationOptions, type ScoredSample } from './metric-table.ts';
import { createSelector, type FeatureSelection, SELECTION_FOLDS, selectFeatures } from './select-features.ts';
import { PERIOD_NAMES, type PeriodName, type Periods, rowsIn, timeOrderedPeriods } from './split.ts';
import { dayNumbers, requireTable, takeColumns, takeRows, type TrainingTable } from './table.ts';
import { chooseThresholds, type ThresholdRule } from './thresholds.ts';
import { unseenCycles, without } from './unseen-cycles.ts';
import { foldsOf, type ValidationPlan } from './validation.ts';

export const TRAINING_STAGES = ['select', 'fit', 'rank', 'calibrate', 'thresholds', 'test', 'explain'] as const;
export type TrainingStage = (typeof TRAINING_STAGES)[number];

export interface TrainingOptions {
  readonly learners: readonly Learner[];
  /** How long after a payment its label is taken as known. */
  readonly labelDelayMs: number;
  /** Computed from the times when absent. */
  readonly periods?: Periods;
  readonly costs: Costs;
  readonly thresholdRule: ThresholdRule;
  /** Most microseconds a payment may cost in service, explanation included. */
  readonly servingBudgetUs: number;
  /** Name of the candidate to take, whatever it costs; the best within the budget when absent. */
  readonly champion?: string;
  /** Microseconds a payment costs with a model. */
  readonly measure: (model: Model) => number;
  /** How the training period is split to test learners on rows they have not seen; STACK_VALIDATION when absent. */
  readonly validation?: ValidationPlan;
  /** Leave out the features that unseen payments of the training period are ranked as well without. */
  readonly selectFeatures?: boolean;
  /** A clock that never goes back, to time each learner with; without it times are NaN. */
  readonly clockUs?: () => number;
  readonly seed: number;
  /** Bootstrap resamples of each interval. */
  readonly replicates: number;
  /** `fraction` of the stage done, 0..1. */
  readonly onProgress?: (stage: TrainingStage, fraction: number) => void;
}

export interface TrainedEnsemble {
  readonly champion: RankedCandidate;
  /** By falling average precision on the calibration and policy periods. */
  readonly candidates: readonly RankedCandidate[];
  readonly calibration: ChosenCalibration;
  readonly thresholds: ReviewAndBlock;
  readonly periods: Periods;
  /** Intervals for all but the training period, where a value is no estimate of anything. */
  readonly evaluations: Readonly<Record<PeriodName, Evaluation>>;
  /** What the champion said of the test period. */
  readonly test: ScoredSample;
  /** Most important first, over test rows. */
  readonly importance: readonly FeatureImportance[];
  /** Features of the calendar that the training period was too short to learn. */
  readonly leftOut: readonly string[];
  /** What was found out about doing without features; absent when that was not asked. */
  readonly selection?: FeatureSelection;
  /** Features that tell fraud too well to be true. */
  readonly suspicious: readonly SuspiciousFeature[];
  /** From the training to the test period, the most drifted first. */
  readonly drift: readonly InputDrift[];
}

/** Growing windows of time whose later blocks the stack is weighed on. */
const STACK_VALIDATION: ValidationPlan = { method: 'temporal', folds: 2 };
/** Rows that global importance is averaged over. */
const IMPORTANCE_ROWS = 2_000;
/** Features dealt anew, and rows scored for each: a second with a stack of 10 µs a payment. */
const PERMUTED_FEATURES = 20;
const PERMUTED_ROWS = 5_000;

/**
 * Trains, chooses and tests. Each decision is taken on a period of its own: members on `train` (stopping early on
 * `earlyStopping`), stack weights out of fold, the champion on `calibration` and `policy` together, calibration on
 * `calibration`, thresholds on `policy`; `test` decides nothing. Rejects with LABELS_INSUFFICIENT when a period
 * lacks a class.
 */
export function trainEnsemble(given: TrainingTable, options: TrainingOptions): TrainedEnsemble {
  requireTable(given);
  const table = given.labelsKnownMs === undefined ? withLabelTimes(given, options.labelDelayMs) : given;
  const { servingBudgetUs, seed, costs } = options;
  const measure = measuredOnce(options.measure);
  const progress = options.onProgress ?? (() => undefined);
  const periods = options.periods ?? timeOrderedPeriods(table, options.labelDelayMs);
  const tableOf = (...names: readonly PeriodName[]): TrainingTable =>
    takeRows(table, Uint32Array.from(names.flatMap((name) => [...rowsIn(table.timesMs, periods[name])])));

  const training = tableOf('train');
  const leftOut = unseenCycles(training);
  const known = without(training, leftOut);
  const suspicious = suspiciousFeatures(known);
  const selection = options.selectFeatures ? selectionOf(known, leftOut, options) : undefined;
  const unused = [...leftOut, ...(selection?.leftOut ?? [])];
  const learnt = without(training, unused);
  // A single learner is not stacked.
  const validation = options.validation ?? (options.learners.length > 1 ? STACK_VALIDATION : undefined);
  const members = fitMembers(options.learners, learnt, {
    seed,
    folds: validation === undefined ? [] : foldsOf(validation, learnt, { gapMs: options.labelDelayMs, seed }),
    validation: without(tableOf('earlyStopping'), unused),
    ...(options.clockUs && { clockUs: options.clockUs }),
    onProgress: (fraction) => progress('fit', fraction),
  });

  const proposed = candidatesFrom(members, training.labels, servingBudgetUs, measure);
  const candidates = rankCandidates(proposed, tableOf('calibration', 'policy'), servingBudgetUs, measure);
  const champion = championOf(candidates, servingBudgetUs, options.champion);
  progress('rank', 1);

  const calibrationTable = tableOf('calibration');
  const calibration = chooseCalibration(marginsOf(champion.model, calibrationTable), calibrationTable.labels);
  progress('calibrate', 1);

  const scored = (period: TrainingTable): ScoredSample => scoreTable(champion.model, calibration, period);
  const policy = scored(tableOf('policy'));
  const thresholds = chooseThresholds(
    options.thresholdRule,
    { ...policy, scores: policy.probabilities, days: (periods.policy.toMs - periods.policy.fromMs) / DAY_MS },
    costs,
  );
  progress('thresholds', 1);

  const test = scored(tableOf('test'));
  const evaluationOptions: EvaluationOptions = { thresholds, costs, replicates: options.replicates, seed };
  const evaluations = Object.fromEntries(
    PERIOD_NAMES.map((name, i) => {
      const sample = name === 'test' ? test : scored(tableOf(name));
      const replicates = name === 'train' ? 0 : options.replicates;
      const evaluation = evaluate(sample, { ...evaluationOptions, replicates });
      progress('test', (i + 1) / PERIOD_NAMES.length);
      return [name, evaluation];
    }),
  ) as Record<PeriodName, Evaluation>; // one entry a period name

  const explained = sampledImportance(champion.model, tableOf('test'), IMPORTANCE_ROWS);
  const importance = withPermutation(explained, champion.model, tableOf('test'), {
    count: PERMUTED_FEATURES,
    rows: PERMUTED_ROWS,
    seed,
  });
  const drift = inputDrift(training, tableOf('test'));
  progress('explain', 1);
  return {
    champion,
    candidates,
    calibration,
    thresholds,
    periods,
    evaluations,
    test,
    importance,
    leftOut,
    ...(selection && { selection }),
    suspicious,
    drift,
  };
}

/** Features are chosen by the folds that learners are tested on, or growing windows; on training rows alone. */
function selectionOf(training: TrainingTable, leftOut: readonly string[], options: TrainingOptions): FeatureSelection {
  const { seed, clockUs, onProgress, labelDelayMs: gapMs } = options;
  const plan = options.validation ?? { method: 'temporal', folds: SELECTION_FOLDS };
  return selectFeatures(
    takeColumns(
      training,
      training.names.filter((name) => !leftOut.includes(name)),
    ),
    {
      learner: createSelector(),
      folds: foldsOf(plan, training, { gapMs, seed }),
      seed,
      ...(clockUs && { clockUs }),
      ...(onProgress && { onProgress: (fraction: number) => onProgress('select', fraction) }),
    },
  );
}

/** The same model is timed once and keeps its figure. */
function measuredOnce(measure: (model: Model) => number): (model: Model) => number {
  const known = new Map<Model, number>();
  return (model) => {
    const costUs = known.get(model) ?? measure(model);
    known.set(model, costUs);
    return costUs;
  };
}

/** Labels taken as known a fixed delay after the payment. */
function withLabelTimes(table: TrainingTable, labelDelayMs: number): TrainingTable {
  return { ...table, labelsKnownMs: table.timesMs.map((time) => time + labelDelayMs) };
}

/** What a calibrated model says of every row of a table. */
export function scoreTable(
  model: Model,
  { calibrator }: Pick<ChosenCalibration, 'calibrator'>,
  table: TrainingTable,
): ScoredSample {
  const margins = marginsOf(model, table);
  return {
    labels: table.labels,
    margins,
    probabilities: probabilitiesOf(calibrator, margins),
    amounts: table.amounts,
    customers: table.customers,
    days: dayNumbers(table.timesMs),
  };
}
