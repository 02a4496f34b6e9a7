/** What each kind of mistake costs, in major units of the base currency. */

export interface Costs {
  /** Paid on top of the amount for every fraud let through. */
  readonly chargebackFee: number;
  /** An analyst's time for one review. */
  readonly reviewCost: number;
  /** Share of a wrongly blocked amount lost to customers who leave, 0..1. */
  readonly churnShare: number;
}

export const DEFAULT_COSTS: Costs = { chargebackFee: 30, reviewCost: 12.5, churnShare: 0.15 };
