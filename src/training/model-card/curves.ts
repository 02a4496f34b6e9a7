/** The curves of a tested model as the few points a drawing needs. */
import { type Costs } from '../../domain/costs.ts';
import { exp, log } from '../../stats/elementary.ts';
import { binEdges, type ReliabilityPoint, reliabilityCurve } from '../../metrics/calibration.ts';
import { precisionRecallCurve, rocCurve, thinned } from '../../metrics/curves.ts';
import { moneySaved, lossWithoutSystem, type ReviewAndBlock } from '../../metrics/money.ts';
import { rankedCounts } from '../../metrics/ranked-counts.ts';
import { type ScoredSample } from '../metric-table.ts';
import { type CostPoint, costCurve } from '../thresholds.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Shares of each class by log-odds of the calibrated probability; the ends hold what lies beyond. */
export interface ScoreHistogram {
  /** Log-odds at the bin edges, one more than bins. */
  readonly edges: readonly number[];
  readonly fraud: readonly number[];
  readonly genuine: readonly number[];
}

export interface CardCurves {
  /** x false-positive rate, y recall. */
  readonly roc: readonly Point[];
  /** x recall, y precision. */
  readonly precisionRecall: readonly Point[];
  readonly reliability: Readonly<Record<'before' | 'after', readonly ReliabilityPoint[]>>;
  readonly scores: ScoreHistogram;
  /** Loss by threshold, major units. */
  readonly cost: readonly CostPoint[];
  /** Loss with every payment approved, and with the chosen thresholds. */
  readonly loss: Readonly<{ withoutSystem: number; chosen: number }>;
}

/** Points kept of a curve: one a pixel or so of the drawing. */
const CURVE_POINTS = 240;
/** Reliability is drawn in bins of equal numbers of payments, so that each point is as sure as the others. */
const RELIABILITY_BINS = 20;
/** Log-odds drawn: probabilities from 0.03 % to 99.97 %. */
export const LOG_ODDS_RANGE = 8;
const HISTOGRAM_BINS = 48;

/** ln(p / (1 − p)), kept within the range drawn. */
export function logOdds(probability: number): number {
  if (probability <= 0) return -LOG_ODDS_RANGE;
  if (probability >= 1) return LOG_ODDS_RANGE;
  return Math.max(-LOG_ODDS_RANGE, Math.min(LOG_ODDS_RANGE, log(probability / (1 - probability))));
}

export function cardCurves(sample: ScoredSample, thresholds: ReviewAndBlock, costs: Costs): CardCurves {
  const { labels, margins, probabilities, amounts } = sample;
  const counts = rankedCounts(labels, margins);
  const thin = (points: readonly Point[]): readonly Point[] =>
    thinned(
      points,
      (point) => point.x,
      (point) => point.y,
      CURVE_POINTS,
    );
  const uncalibrated = margins.map((margin) => 1 / (1 + exp(-margin)));
  const reliability = (stated: Float64Array): readonly ReliabilityPoint[] =>
    reliabilityCurve(labels, stated, binEdges(stated, RELIABILITY_BINS, 'mass'));
  const priced = { labels, scores: probabilities, amounts };
  const withoutSystem = lossWithoutSystem(priced, costs);
  const largest = Math.max(1, withoutSystem);
  return {
    roc: thin(rocCurve(counts).map((point) => ({ x: point.falsePositiveRate, y: point.recall }))),
    precisionRecall: thin(precisionRecallCurve(counts).map((point) => ({ x: point.recall, y: point.precision }))),
    reliability: { before: reliability(uncalibrated), after: reliability(probabilities) },
    scores: histogram(sample),
    cost: thinned(
      costCurve(priced, costs),
      (point) => logOdds(point.threshold) / (2 * LOG_ODDS_RANGE),
      (point) => Math.min(point.blocked, point.reviewed) / largest,
      CURVE_POINTS,
    ),
    loss: { withoutSystem, chosen: withoutSystem - moneySaved(priced, thresholds, costs) },
  };
}

function histogram({ labels, probabilities }: ScoredSample): ScoreHistogram {
  const width = (2 * LOG_ODDS_RANGE) / HISTOGRAM_BINS;
  const counts = [new Array<number>(HISTOGRAM_BINS).fill(0), new Array<number>(HISTOGRAM_BINS).fill(0)];
  const totals = [0, 0];
  probabilities.forEach((probability, row) => {
    const bin = Math.min(HISTOGRAM_BINS - 1, Math.floor((logOdds(probability) + LOG_ODDS_RANGE) / width));
    counts[labels[row]!]![bin]! += 1;
    totals[labels[row]!]! += 1;
  });
  const shares = (label: 0 | 1): number[] => counts[label]!.map((count) => count / Math.max(1, totals[label]!));
  return {
    edges: Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => i * width - LOG_ODDS_RANGE),
    fraud: shares(1),
    genuine: shares(0),
  };
}
