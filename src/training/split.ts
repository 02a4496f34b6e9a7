/** Periods of time that keep learning, deciding and testing apart, with room for labels to arrive. */
import { SentinelError } from '../domain/errors.ts';
import { DAY_MS, spanText } from '../domain/time.ts';
import { type TrainingTable, dayNumbers } from './table.ts';

/** fromMs ≤ event time < toMs. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export const PERIOD_NAMES = ['train', 'earlyStopping', 'calibration', 'policy', 'test'] as const;
export type PeriodName = (typeof PERIOD_NAMES)[number];
export type Periods = Readonly<Record<PeriodName, Period>>;

/** Shares of the rows: `test` of all, the others of the rows that lie a label delay before the test. */
const PERIOD_SHARES: Readonly<Record<PeriodName, number>> = {
  train: 0.7,
  earlyStopping: 0.1,
  calibration: 0.1,
  policy: 0.1,
  test: 0.15,
};

/** Where the training period ends when periods are cut from these times, which never fall; −∞ when none can be. */
export function trainingEndMs(timesMs: Float64Array, labelDelayMs: number, shares = PERIOD_SHARES): number {
  const testFromMs = timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * (1 - shares.test)))] ?? 0;
  const known = firstRowFrom(timesMs, testFromMs - labelDelayMs);
  const learning = shares.train + shares.earlyStopping + shares.calibration + shares.policy;
  return known === 0 ? -Infinity : timesMs[Math.floor((known * shares.train) / learning)]!;
}

/**
 * Five periods in order of time. Between policy and test lies a gap of `labelDelayMs`: when the model goes into
 * service at the beginning of the test, that is how far back labels are known. LABELS_INSUFFICIENT when a period
 * lacks frauds or genuine payments.
 */
export function timeOrderedPeriods(
  table: Pick<TrainingTable, 'timesMs' | 'labels'>,
  labelDelayMs: number,
  shares = PERIOD_SHARES,
): Periods {
  const { timesMs } = table;
  const rows = timesMs.length;
  const testFromMs = timesMs[Math.min(rows - 1, Math.floor(rows * (1 - shares.test)))] ?? 0;
  const known = firstRowFrom(timesMs, testFromMs - labelDelayMs);
  const knownToMs = testFromMs - labelDelayMs;
  if (known === 0) {
    throw new SentinelError('LABELS_INSUFFICIENT', {
      problem: `the payments before the test span ${spanText(testFromMs - (timesMs[0] ?? 0))}, less than the label delay of ${spanText(labelDelayMs)}`,
    });
  }
  const learningShares = [shares.train, shares.earlyStopping, shares.calibration, shares.policy];
  const total = learningShares.reduce((sum, share) => sum + share, 0);
  const bounds = [timesMs[0] ?? 0];
  let reached = 0;
  for (const share of learningShares.slice(0, -1)) {
    reached += share / total;
    bounds.push(timesMs[Math.min(rows - 1, Math.floor(known * reached))] ?? 0);
  }
  const period = (i: number): Period => ({ fromMs: bounds[i]!, toMs: bounds[i + 1] ?? knownToMs });
  const periods = {
    train: period(0),
    earlyStopping: period(1),
    calibration: period(2),
    policy: period(3),
    test: { fromMs: testFromMs, toMs: (timesMs[rows - 1] ?? 0) + 1 },
  };
  for (const name of PERIOD_NAMES) requireBoth(table, name, periods[name]);
  return periods;
}

function requireBoth(table: Pick<TrainingTable, 'timesMs' | 'labels'>, name: PeriodName, period: Period): void {
  const rows = rowsIn(table.timesMs, period);
  const frauds = rows.reduce((sum, row) => sum + table.labels[row]!, 0);
  if (frauds > 0 && frauds < rows.length) return;
  throw new SentinelError('LABELS_INSUFFICIENT', {
    problem: `the ${name} period holds ${frauds} frauds among ${rows.length} payments`,
  });
}

/** The first row with time ≥ `fromMs`, by bisection; the number of rows when there is none. */
export function firstRowFrom(timesMs: Float64Array, fromMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows of a period, rising. */
export function rowsIn(timesMs: Float64Array, period: Period): Uint32Array {
  const from = firstRowFrom(timesMs, period.fromMs);
  const to = firstRowFrom(timesMs, period.toMs);
  return Uint32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** One training period and the test period that follows it after the label delay. */
export interface Fold {
  readonly train: Period;
  readonly test: Period;
  /** From when on a customer's frauds keep them out of the test; from the beginning of the training when absent. */
  readonly knownFromMs?: number;
}

/** Lengths in whole days. */
export interface FoldLengths {
  readonly trainDays: number;
  readonly delayDays: number;
  readonly testDays: number;
}

/** The Handbook's lengths. Source: Fraud Detection Handbook (Le Borgne et al., 2022), chapter 5. */
export const HANDBOOK_LENGTHS: FoldLengths = { trainDays: 7, delayDays: 7, testDays: 7 };
/** First training days of the Handbook's protocols. Source: as above, chapters 3 and 5. */
export const HANDBOOK_SINGLE_FROM_MS = Date.UTC(2018, 6, 25);
export const HANDBOOK_TEST_FROM_MS = Date.UTC(2018, 7, 15);
export const HANDBOOK_VALIDATION_FROM_MS = Date.UTC(2018, 6, 11);
export const HANDBOOK_FOLDS = 4;

/** The fold whose training begins at `fromMs`. */
export function foldFrom(fromMs: number, { trainDays, delayDays, testDays }: FoldLengths): Fold {
  const trainToMs = fromMs + trainDays * DAY_MS;
  const testFromMs = trainToMs + delayDays * DAY_MS;
  return {
    train: { fromMs, toMs: trainToMs },
    test: { fromMs: testFromMs, toMs: testFromMs + testDays * DAY_MS },
  };
}

/**
 * Periods for a model that is to be tested on a fold. The protocol grants none for what a service needs besides; they
 * are the three test lengths before the training, whose payments are neither learned from nor tested on.
 */
export function periodsOf({ train, test }: Fold): Periods {
  const lengthMs = test.toMs - test.fromMs;
  const before = (periods: number): Period => {
    const toMs = train.fromMs - (periods - 1) * lengthMs;
    return { fromMs: toMs - lengthMs, toMs };
  };
  return { train, earlyStopping: before(3), calibration: before(2), policy: before(1), test };
}

/** Prequential folds: the last trains from `lastFromMs`, each other a test period earlier; earliest first. */
export function prequentialFolds(lastFromMs: number, count: number, lengths: FoldLengths): readonly Fold[] {
  return Array.from({ length: count }, (_, i) =>
    foldFrom(lastFromMs - (count - 1 - i) * lengths.testDays * DAY_MS, lengths),
  );
}

/** The same test with training that begins so many days before its end. */
export function trainedFor(fold: Fold, days: number): Fold {
  const { train, test, knownFromMs = train.fromMs } = fold;
  return { train: { fromMs: train.toMs - days * DAY_MS, toMs: train.toMs }, test, knownFromMs };
}

/**
 * Test rows of a fold without customers already known to be defrauded: those with a fraud in the training period,
 * and on test day d those with a fraud after it but more than the delay before d (days are UTC).
 * Source: Fraud Detection Handbook (Le Borgne et al., 2022), chapter 3, “get_train_test_set”.
 */
export function testRowsWithoutKnownFrauds(
  table: Pick<TrainingTable, 'timesMs' | 'labels' | 'customers'>,
  fold: Fold,
): Uint32Array {
  const { timesMs, labels, customers } = table;
  const days = dayNumbers(timesMs);
  const delayDays = Math.round((fold.test.fromMs - fold.train.toMs) / DAY_MS);
  const firstFraudDay = new Map<number, number>();
  for (const row of rowsIn(timesMs, { fromMs: fold.knownFromMs ?? fold.train.fromMs, toMs: fold.test.toMs })) {
    if (labels[row] === 1 && !firstFraudDay.has(customers[row]!)) firstFraudDay.set(customers[row]!, days[row]!);
  }
  return rowsIn(timesMs, fold.test).filter((row) => {
    const fraudDay = firstFraudDay.get(customers[row]!);
    return fraudDay === undefined || fraudDay >= days[row]! - delayDays;
  });
}
