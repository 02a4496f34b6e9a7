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

/** A rule that looks at the policy period for thresholds that meet an aim at the least loss. */
export type SearchRule = (
  | { readonly kind: 'cost-optimal' }
  /** Review where F-beta of the flagged is highest; block where it costs least above. */
  | { readonly kind: 'f-beta'; readonly beta: number }
  /** Flag as much as a false-positive rate allows. */
  | { readonly kind: 'maximum-fpr'; readonly fpr: number }
  /** Flag as much as a precision of the flagged allows. */
  | { readonly kind: 'target-precision'; readonly precision: number }
  /** Least loss with at most so many reviews a day. */
  | { readonly kind: 'review-capacity'; readonly reviewsPerDay: number }
) & {
  /**
   * Block only as far down as this share of the blocked are frauds, 0..1; what pays beyond is reviewed. Without it
   * small payments are blocked on slight suspicion, since a review costs more than the churn of blocking them.
   */
  readonly blockPrecision?: number;
};

export type ThresholdRule = { readonly kind: 'fixed'; readonly review: number; readonly block: number } | SearchRule;

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

function lossTable(sample: PricedSample, costs: Costs): LossTable {
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

/** What the depths must keep to. */
interface Limits {
  readonly reviewFrom: number;
  readonly reviewTo: number;
  readonly mostReviewed: number;
  readonly blockPrecision: number;
}

/** The shallowest depth a threshold ≤ 1 can express: certainty cannot lie below it. */
const firstDepthOf = (table: LossTable): number => (thresholdAt(table, 0) === 1 ? 1 : 0);

/** The depths of least loss within the limits; ties to fewer stopped payments. */
function leastLoss(table: LossTable, costs: Costs, limits: Limits): ReviewAndBlock {
  const { payments, frauds, blockLoss: blocked } = table;
  const firstDepth = firstDepthOf(table);
  const advantage = (depth: number): number => blocked[depth]! - costs.reviewCost * payments[depth]!;
  let best = { loss: Infinity, block: firstDepth, review: Math.max(firstDepth, limits.reviewFrom) };
  // Block depths by rising advantage: a sliding minimum as the review depth moves down.
  const window: number[] = [];
  let head = 0;
  for (let review = firstDepth; review <= limits.reviewTo; review++) {
    if (review === firstDepth || frauds[review]! >= limits.blockPrecision * payments[review]!) {
      while (window.length > head && advantage(window.at(-1)!) > advantage(review)) window.pop();
      window.push(review);
    }
    while (head < window.length && payments[review]! - payments[window[head]!]! > limits.mostReviewed) head++;
    const block = window[head];
    if (review < limits.reviewFrom || block === undefined) continue;
    const loss = lossAt(table, costs, block, review);
    if (loss < best.loss) best = { loss, block, review };
  }
  return thresholdsAt(table, best.block, best.review);
}

/** The depth where `quality` is highest, the least deep of equals; undefined when it is nowhere above −∞. */
function bestDepth(table: LossTable, quality: (depth: number) => number): number | undefined {
  let best: number | undefined;
  let highest = -Infinity;
  for (let depth = firstDepthOf(table); depth <= table.values.length; depth++) {
    const value = quality(depth);
    if (value > highest) {
      highest = value;
      best = depth;
    }
  }
  return best;
}

/** How well flagging the first `depth` values meets the aim of a rule; −∞ where it does not. */
function qualityOf(
  rule: Extract<SearchRule, { kind: 'f-beta' | 'maximum-fpr' | 'target-precision' }>,
  { payments, frauds, totals }: LossTable,
): (depth: number) => number {
  switch (rule.kind) {
    case 'f-beta': {
      const square = rule.beta * rule.beta;
      return (depth) => ((1 + square) * frauds[depth]!) / (square * totals.frauds + payments[depth]!);
    }
    case 'maximum-fpr': {
      const most = rule.fpr * (totals.payments - totals.frauds);
      return (depth) => (payments[depth]! - frauds[depth]! <= most ? frauds[depth]! : -Infinity);
    }
    case 'target-precision':
      return (depth) => (depth > 0 && frauds[depth]! >= rule.precision * payments[depth]! ? frauds[depth]! : -Infinity);
  }
}

const KINDS: readonly ThresholdRule['kind'][] = ['fixed', 'cost-optimal', 'f-beta', 'maximum-fpr', 'target-precision', 'review-capacity']; // prettier-ignore

/** Throws RangeError for a kind and for numbers that no rule can have. */
export function requireRule(rule: ThresholdRule): void {
  const refuse = (name: string, value: number, expected: string): never => {
    throw new RangeError(`invalid ${name} of the rule ${rule.kind}: ${value} (expected ${expected})`);
  };
  if (!KINDS.includes(rule.kind)) {
    throw new RangeError(`invalid threshold rule: ${String((rule as ThresholdRule).kind)} (expected one of ${KINDS.join(', ')})`); // prettier-ignore
  }
  if (rule.kind === 'fixed') {
    if (!(rule.review > 0)) refuse('review', rule.review, 'more than 0');
    if (!(rule.block > rule.review && rule.block <= 1)) refuse('block', rule.block, 'more than review, at most 1');
    return;
  }
  const { blockPrecision = 0 } = rule;
  if (!(blockPrecision >= 0 && blockPrecision <= 1)) refuse('blockPrecision', blockPrecision, '0 to 1');
  if (rule.kind === 'review-capacity' && !(rule.reviewsPerDay >= 0)) refuse('reviewsPerDay', rule.reviewsPerDay, '0 or more'); // prettier-ignore
  if (rule.kind === 'f-beta' && !(rule.beta > 0)) refuse('beta', rule.beta, 'more than 0');
  if (rule.kind === 'maximum-fpr' && !(rule.fpr >= 0 && rule.fpr <= 1)) refuse('fpr', rule.fpr, '0 to 1');
  if (rule.kind === 'target-precision' && !(rule.precision >= 0 && rule.precision <= 1)) refuse('precision', rule.precision, '0 to 1'); // prettier-ignore
}

/**
 * Thresholds with 0 < review < block ≤ 1 by `rule` on the policy period. LABELS_INSUFFICIENT when the sample has no
 * fraud, no genuine payment, or no threshold meets the rule.
 */
export function chooseThresholds(rule: ThresholdRule, sample: ThresholdSample, costs: Costs): ReviewAndBlock {
  requireRule(rule);
  if (rule.kind === 'fixed') return { review: rule.review, block: rule.block };
  const table = lossTable(sample, costs);
  const { totals } = table;
  if (totals.frauds === 0 || totals.frauds === totals.payments) {
    throw new SentinelError('LABELS_INSUFFICIENT', {
      problem: `thresholds need both classes, the policy period holds ${totals.frauds} frauds among ${totals.payments}`,
    });
  }
  const limits: Limits = {
    reviewFrom: 0,
    reviewTo: table.values.length,
    mostReviewed: rule.kind === 'review-capacity' ? rule.reviewsPerDay * sample.days : Infinity,
    blockPrecision: rule.blockPrecision ?? 0,
  };
  if (rule.kind === 'cost-optimal' || rule.kind === 'review-capacity') return leastLoss(table, costs, limits);
  const depth = bestDepth(table, qualityOf(rule, table));
  if (depth === undefined) {
    throw new SentinelError('LABELS_INSUFFICIENT', { problem: `no threshold meets the rule ${rule.kind}` });
  }
  return leastLoss(table, costs, { ...limits, reviewFrom: depth, reviewTo: depth });
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
