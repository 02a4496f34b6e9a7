/** What decisions are worth: value detected, loss with and without the system, and the loss at every threshold. */
import { requireSameLength, weightOf } from './check.ts';

/** What each mistake costs; see domain/costs.ts, whose values fit here. */
export interface CostModel {
  /** Paid on top of the amount for every fraud let through. */
  readonly chargebackFee: number;
  readonly reviewCost: number;
  /** Share of a wrongly blocked amount lost, 0..1. */
  readonly churnShare: number;
}

/** Scores ≥ block are blocked, other scores ≥ review are reviewed; review ≤ block. */
export interface ReviewAndBlock {
  readonly review: number;
  readonly block: number;
}

/** Amounts are in the unit of the costs. */
export interface PricedSample {
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
  readonly amounts: Float64Array;
}

/** Loss of approving a payment once its label is known. */
export function approvalLoss(isFraud: boolean, amount: number, costs: CostModel): number {
  return isFraud ? amount + costs.chargebackFee : 0;
}

/** Loss of blocking a payment once its label is known. */
export function blockLoss(isFraud: boolean, amount: number, costs: CostModel): number {
  return isFraud ? 0 : amount * costs.churnShare;
}

/** Share of the defrauded amount that is flagged, 0..1; 0 without fraud. */
export function valueDetectionRate(sample: PricedSample, threshold: number, weights?: Float64Array): number {
  const { labels, scores, amounts } = sample;
  requireSameLength('value detection rate', labels, amounts);
  let detected = 0;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] !== 1) continue;
    const value = weightOf(weights, row) * amounts[row]!;
    total += value;
    if (scores[row]! >= threshold) detected += value;
  }
  return total > 0 ? detected / total : 0;
}

/** What all frauds of the sample cost when every payment is approved. */
export function lossWithoutSystem({ labels, amounts }: PricedSample, costs: CostModel, weights?: Float64Array): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    loss += weightOf(weights, row) * approvalLoss(labels[row] === 1, amounts[row]!, costs);
  }
  return loss;
}

/**
 * Loss without the system (every fraud goes through) minus loss with it: frauds approved, the cost of every review
 * (which finds the truth), and churn from genuine payments blocked. Negative when the system costs more than it saves.
 */
export function moneySaved(
  sample: PricedSample,
  { review, block }: ReviewAndBlock,
  costs: CostModel,
  weights?: Float64Array,
): number {
  const { labels, scores, amounts } = sample;
  requireSameLength('money saved', labels, amounts);
  let saved = 0;
  for (let row = 0; row < labels.length; row++) {
    if (scores[row]! < review) continue;
    const isFraud = labels[row] === 1;
    const loss = scores[row]! >= block ? blockLoss(isFraud, amounts[row]!, costs) : costs.reviewCost;
    saved += weightOf(weights, row) * (approvalLoss(isFraud, amounts[row]!, costs) - loss);
  }
  return saved;
}
