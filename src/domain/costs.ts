/** What each kind of mistake costs, in major units of the base currency. */

export interface Costs {
  /** Paid on top of the amount for every fraud let through. */
  readonly chargebackFee: number;
  /** An analyst's time for one review. */
  readonly reviewCost: number;
  /** Share of a wrongly blocked amount lost to customers who leave, 0..1. */
  readonly churnShare: number;
}

/** Throws RangeError for costs that lead to no figures. */
export function requireCosts(costs: Costs): void {
  for (const name of ['chargebackFee', 'reviewCost', 'churnShare'] as const) {
    const most = name === 'churnShare' ? 1 : Number.MAX_VALUE;
    if (!(costs[name] >= 0 && costs[name] <= most)) {
      const expected = name === 'churnShare' ? '0 to 1' : 'a number from 0';
      throw new RangeError(`invalid ${name} of the costs: ${costs[name]} (expected ${expected})`);
    }
  }
}

export const DEFAULT_COSTS: Costs = { chargebackFee: 30, reviewCost: 12.5, churnShare: 0.15 };
