/** Choosing the review and block thresholds of a policy from labelled, calibrated payments. */
import { type Costs } from '../domain/costs.ts';
import { SentinelError } from '../domain/errors.ts';
import {
  approvalLoss,
  blockLoss,
  lossWithoutSystem,
  type PricedSample,
  type ReviewAndBlock,
} from '../metrics/money.ts';

export type ThresholdRule =
  | { readonly kind: 'fixed'; readonly review: number; readonly block: number }
  /** Least loss over both thresholds. */
  | { readonly kind: 'cost-optimal' }
  /** Review where F-beta of the flagged is highest; block where it costs least above. */
  | { readonly kind: 'f-beta'; readonly beta: number }
  /** Flag as much as a false-positive rate allows. */
  | { readonly kind: 'maximum-fpr'; readonly fpr: number }
  /** Flag as much as a precision of the flagged allows. */
  | { readonly kind: 'target-precision'; readonly precision: number }
  /** Least loss with at most so many reviews a day. */
  | { readonly kind: 'review-capacity'; readonly reviewsPerDay: number };

/** Source: SPEC section 4, the fixed pair. */
export const FIXED_THRESHOLDS: ThresholdRule = { kind: 'fixed', review: 0.5, block: 0.7 };

/** Scores are calibrated probabilities, amounts major units; `days` is the length of the sampled period. */
export interface ThresholdSample extends PricedSample {
  readonly days: number;
}

/** Probabilities nearer than this are taken as one, so that a threshold fits between any two. */
const SAME_PROBABILITY = 1e-12;

/** Sums over the payments of the highest distinct probabilities: entry i holds those of the first i. */
export interface LossTable {
  /** Distinct probabilities above 0, falling. */
  readonly values: readonly number[];
  readonly payments: readonly number[];
  readonly frauds: readonly number[];
  /** Loss if those payments are approved, and if they are blocked. */
  readonly approvalLoss: readonly number[];
  readonly blockLoss: readonly number[];
  /** Of the whole sample. */
  readonly totals: Readonly<{ payments: number; frauds: number; approvalLoss: number }>;
}

export function lossTable(sample: PricedSample, costs: Costs): LossTable {
  const { labels, scores, amounts } = sample;
  const order = Uint32Array.from(scores.keys())
    .filter((row) => scores[row]! > 0)
    .sort((a, b) => scores[b]! - scores[a]!);
  const table = { values: [] as number[], payments: [0], frauds: [0], approvalLoss: [0], blockLoss: [0] };
  let frauds = 0;
  let approved = 0;
  let blocked = 0;
  let groupTop = NaN; // the highest score of the group being summed
  order.forEach((row, place) => {
    const isFraud = labels[row] === 1;
    frauds += isFraud ? 1 : 0;
    approved += approvalLoss(isFraud, amounts[row]!, costs);
    blocked += blockLoss(isFraud, amounts[row]!, costs);
    const score = scores[row]!;
    if (Number.isNaN(groupTop)) groupTop = score;
    const next = place + 1 < order.length ? scores[order[place + 1]!]! : 0;
    if (next > 0 && groupTop - next <= SAME_PROBABILITY) return;
    groupTop = NaN;
    table.values.push(score);
    table.payments.push(place + 1);
    table.frauds.push(frauds);
    table.approvalLoss.push(approved);
    table.blockLoss.push(blocked);
  });
  const allFrauds = labels.reduce((sum, label) => sum + label, 0);
  return {
    ...table,
    totals: { payments: labels.length, frauds: allFrauds, approvalLoss: lossWithoutSystem(sample, costs) },
  };
}

/** Flags the first `depth` distinct values: halfway to the next value below. */
function thresholdAt({ values }: LossTable, depth: number): number {
  const above = depth === 0 ? 1 : values[depth - 1]!;
  return (above + (values[depth] ?? 0)) / 2;
}

/** A block depth ≤ a review depth as thresholds with review < block, also when no payment lies between. */
function thresholdsAt(table: LossTable, blockDepth: number, reviewDepth: number): ReviewAndBlock {
  const review = thresholdAt(table, reviewDepth);
  if (blockDepth < reviewDepth) return { review, block: thresholdAt(table, blockDepth) };
  return { review, block: blockDepth === 0 ? 1 : table.values[blockDepth - 1]! };
}

/** Loss of blocking the first `block` distinct values, reviewing up to `review` and approving the rest. */
function lossAt(table: LossTable, costs: Costs, block: number, review: number): number {
  const reviewed = table.payments[review]! - table.payments[block]!;
  const approved = table.totals.approvalLoss - table.approvalLoss[review]!;
  return table.blockLoss[block]! + costs.reviewCost * reviewed + approved;
}

/** The depth pair of least loss among those `allowed`, review depths rising; ties to fewer stopped payments. */
function leastLoss(
  table: LossTable,
  costs: Costs,
  reviewDepths: { readonly from: number; readonly to: number },
  mostReviewed: number,
): ReviewAndBlock {
  const firstDepth = table.values[0] === 1 ? 1 : 0; // certainty cannot lie below a threshold ≤ 1
  const advantage = (depth: number): number => table.blockLoss[depth]! - costs.reviewCost * table.payments[depth]!;
  let best = { loss: Infinity, block: firstDepth, review: Math.max(firstDepth, reviewDepths.from) };
  // Candidates for the block depth in rising order of advantage: a sliding minimum as the window moves down.
  const window: number[] = [];
  let head = 0;
  for (let review = firstDepth; review <= reviewDepths.to; review++) {
    while (window.length > head && advantage(window.at(-1)!) > advantage(review)) window.pop();
    window.push(review);
    while (table.payments[review]! - table.payments[window[head]!]! > mostReviewed) head++;
    if (review < reviewDepths.from) continue;
    const block = window[head]!;
    const loss = lossAt(table, costs, block, review);
    if (loss < best.loss) best = { loss, block, review };
  }
  return thresholdsAt(table, best.block, best.review);
}

/** The depth where `quality` is highest, the least deep of equals; undefined when it is nowhere above −∞. */
function bestDepth(table: LossTable, quality: (depth: number) => number): number | undefined {
  let best: number | undefined;
  let highest = -Infinity;
  for (let depth = table.values[0] === 1 ? 1 : 0; depth <= table.values.length; depth++) {
    const value = quality(depth);
    if (value > highest) {
      highest = value;
      best = depth;
    }
  }
  return best;
}

/**
 * Thresholds with 0 < review < block ≤ 1 by `rule` on the policy period. LABELS_INSUFFICIENT when the sample has no
 * fraud, no genuine payment, or no threshold meets the rule.
 */
export function chooseThresholds(rule: ThresholdRule, sample: ThresholdSample, costs: Costs): ReviewAndBlock {
  if (rule.kind === 'fixed') return { review: rule.review, block: rule.block };
  const table = lossTable(sample, costs);
  const { payments, frauds, totals } = table;
  const genuine = totals.payments - totals.frauds;
  if (totals.frauds === 0 || genuine === 0) {
    throw new SentinelError('LABELS_INSUFFICIENT', {
      problem: `thresholds need both classes, the policy period holds ${totals.frauds} frauds among ${totals.payments}`,
    });
  }
  const everywhere = { from: 0, to: table.values.length };
  const falsePositives = (depth: number): number => payments[depth]! - frauds[depth]!;
  const quality = {
    'f-beta': (depth: number, beta: number) => {
      const square = beta * beta;
      return ((1 + square) * frauds[depth]!) / (square * totals.frauds + payments[depth]!);
    },
    'maximum-fpr': (depth: number, fpr: number) =>
      falsePositives(depth) <= fpr * genuine ? frauds[depth]! : -Infinity,
    'target-precision': (depth: number, precision: number) =>
      depth > 0 && frauds[depth]! >= precision * payments[depth]! ? frauds[depth]! : -Infinity,
  };
  switch (rule.kind) {
    case 'cost-optimal':
      return leastLoss(table, costs, everywhere, Infinity);
    case 'review-capacity':
      return leastLoss(table, costs, everywhere, rule.reviewsPerDay * sample.days);
    default: {
      const depth = bestDepth(table, (at) =>
        rule.kind === 'f-beta'
          ? quality['f-beta'](at, rule.beta)
          : rule.kind === 'maximum-fpr'
            ? quality['maximum-fpr'](at, rule.fpr)
            : quality['target-precision'](at, rule.precision),
      );
      if (depth === undefined) {
        throw new SentinelError('LABELS_INSUFFICIENT', { problem: `no threshold meets the rule ${rule.kind}` });
      }
      return leastLoss(table, costs, { from: depth, to: depth }, Infinity);
    }
  }
}

/** Loss at one threshold when everything flagged is blocked, and when everything flagged is reviewed. */
export interface CostPoint {
  readonly threshold: number;
  readonly blocked: number;
  readonly reviewed: number;
}

/** The loss in major units at every distinct threshold, falling from flagging nothing. */
export function costCurve(sample: PricedSample, costs: Costs): readonly CostPoint[] {
  const table = lossTable(sample, costs);
  return Array.from({ length: table.values.length + 1 }, (_, depth) => ({
    threshold: thresholdAt(table, depth),
    blocked: lossAt(table, costs, depth, depth),
    reviewed: lossAt(table, costs, 0, depth),
  }));
}
