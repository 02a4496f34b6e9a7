/** Warns of features that tell fraud too well to be true: a value known only afterwards looks like that. */
import { rankedCounts } from '../metrics/ranked-counts.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { spreadRows } from './importance.ts';
import { takeRows, type TrainingTable } from './table.ts';

/** Alone, an honest feature of delayed labels reaches .85 or so on the data sets known. Source: DESIGN section 4. */
const SUSPICIOUS_ROC_AUC = 0.99;
/** Pearson's correlation with the label, ±1 for a copy of it. */
const SUSPICIOUS_CORRELATION = 0.9;
/** Rows looked at, spread over the table. */
const ALARM_ROWS = 20_000;

export interface SuspiciousFeature {
  readonly feature: string;
  /** Of the feature by itself, either way round, .5..1; missing values rank by themselves. */
  readonly rocAuc: number;
  /** With the label over rows that have a value, −1..1; 0 when it does not vary. */
  readonly correlation: number;
}

/** The features that by themselves all but give the label away, the most telling first. */
export function suspiciousFeatures(table: TrainingTable): readonly SuspiciousFeature[] {
  const sample = takeRows(table, spreadRows(table.rows, ALARM_ROWS));
  const frauds = sample.labels.reduce((sum, label) => sum + label, 0);
  if (frauds === 0 || frauds === sample.rows) return [];
  return sample.names
    .map((feature, column) => ({ feature, ...tellingPower(sample, column) }))
    .filter((one) => one.rocAuc >= SUSPICIOUS_ROC_AUC || Math.abs(one.correlation) >= SUSPICIOUS_CORRELATION)
    .sort((a, b) => b.rocAuc - a.rocAuc);
}

function tellingPower({ values, labels, kinds }: TrainingTable, column: number): Omit<SuspiciousFeature, 'feature'> {
  const given = values[column]!;
  const scores = kinds[column] === 'category' ? fraudRates(given, labels) : given;
  const present = scores.filter((value) => !Number.isNaN(value));
  if (present.length === 0) return { rocAuc: 0.5, correlation: 0 };
  const missing = present.reduce((least, value) => Math.min(least, value), Infinity) - 1;
  const area = rocAuc(
    rankedCounts(
      labels,
      scores.map((value) => (Number.isNaN(value) ? missing : value)),
    ),
  );
  return { rocAuc: Math.max(area, 1 - area), correlation: correlation(scores, labels) };
}

/**
 * Each category as its fraud rate in the other half of the rows, that of all where it does not occur there: a code
 * itself has no order, and neither may a row's own label speak for it nor may leaving it out alone give it away.
 */
function fraudRates(codes: Float64Array, labels: Uint8Array): Float64Array {
  const rows = [new Map<number, number>(), new Map<number, number>()] as const;
  const frauds = [new Map<number, number>(), new Map<number, number>()] as const;
  const half = (row: number): 0 | 1 => (row % 2 === 0 ? 0 : 1);
  codes.forEach((code, row) => {
    const [seen, bad] = [rows[half(row)], frauds[half(row)]];
    seen.set(code, (seen.get(code) ?? 0) + 1);
    bad.set(code, (bad.get(code) ?? 0) + labels[row]!);
  });
  const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  return codes.map((code, row) => {
    const other = half(row + 1);
    const count = rows[other].get(code) ?? 0;
    return count === 0 ? rate : frauds[other].get(code)! / count;
  });
}

function correlation(scores: Float64Array, labels: Uint8Array): number {
  let [count, meanScore, meanLabel] = [0, 0, 0];
  let [scoreSquares, labelSquares, products] = [0, 0, 0];
  // Welford's recurrence, since sums of squares of large values cancel.
  scores.forEach((score, row) => {
    if (!Number.isFinite(score)) return;
    count++;
    const [fromScore, fromLabel] = [score - meanScore, labels[row]! - meanLabel];
    meanScore += fromScore / count;
    meanLabel += fromLabel / count;
    scoreSquares += fromScore * (score - meanScore);
    labelSquares += fromLabel * (labels[row]! - meanLabel);
    products += fromScore * (labels[row]! - meanLabel);
  });
  const spread = Math.sqrt(scoreSquares * labelSquares);
  return spread > 0 ? products / spread : 0;
}
