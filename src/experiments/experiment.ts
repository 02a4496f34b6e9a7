/** What an experiment is told: its options and its payments; those that would be measured as something else are refused. */
import { type Costs, requireCosts } from '../domain/costs.ts';
import { type ReviewAndBlock } from '../metrics/money.ts';
import { type Arm } from './assignment.ts';
import { requireConfidence, requireExpected } from './significance.ts';

/** One decided payment of history with what each model says of it. */
export interface SimulatedPayment {
  readonly userId: string;
  readonly isFraud: boolean;
  /** Major units of the base currency. */
  readonly amount: number;
  /** Calibrated probabilities of fraud, 0..1. */
  readonly champion: number;
  readonly challenger: number;
}

export interface ABTestOptions {
  /** Names the split: another name splits users anew. */
  readonly experiment: string;
  /** Share of users who get the challenger, 0..1 exclusive; a half when absent. */
  readonly challengerShare?: number;
  readonly thresholds: Readonly<Record<Arm, ReviewAndBlock>>;
  readonly costs?: Costs;
  /** Of intervals and of the verdict; 0.95 when absent. */
  readonly confidence?: number;
  /** Bootstrap resamples of users behind the intervals of money; 500 when absent. */
  readonly replicates?: number;
  readonly seed?: number;
  /** A difference of rates worth finding, which the sequential test is most sensitive to; 0.02 when absent. */
  readonly expectedDifference?: number;
}

const ARMS: readonly Arm[] = ['champion', 'challenger'];

/** Throws RangeError that names the option. */
export function requireOptions(options: Required<ABTestOptions>): void {
  const { challengerShare, confidence, thresholds, costs, replicates, seed, expectedDifference } = options;
  if (!(challengerShare > 0 && challengerShare < 1)) {
    throw new RangeError(`invalid challengerShare: ${challengerShare} (expected a number between 0 and 1)`);
  }
  requireConfidence(confidence);
  requireExpected('expectedDifference', expectedDifference);
  requireWhole('replicates', replicates, 0);
  if (!Number.isFinite(seed)) throw new RangeError(`invalid seed: ${seed} (expected a number)`);
  requireCosts(costs);
  for (const arm of ARMS) {
    const { review, block } = (thresholds as Partial<typeof thresholds>)[arm] ?? {};
    if (review === undefined || block === undefined) throw new RangeError(`invalid thresholds of ${arm}: none`);
    if (!(review > 0 && review < block && block <= 1)) {
      throw new RangeError(`invalid thresholds of ${arm}: ${review}, ${block} (expected 0 < review < block ≤ 1)`);
    }
  }
}

/** RangeError unless it is a whole number of at least `least`. */
export function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`invalid ${name}: ${value} (expected a whole number from ${least})`);
}

/** Throws RangeError that names the member; what the other arm says of the payment is not looked at. */
export function requirePayment(payment: SimulatedPayment, arm: Arm): void {
  const { userId, isFraud, amount } = payment;
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new RangeError(`invalid ${name} of a payment of ${userId}: ${String(value)} (expected ${expected})`);
  };
  if (typeof isFraud !== 'boolean') refuse('isFraud', isFraud, 'true or false');
  if (!(Number.isFinite(amount) && amount >= 0)) refuse('amount', amount, 'major units from 0');
  const probability = payment[arm];
  if (!(probability >= 0 && probability <= 1)) refuse(arm, probability, 'a probability from 0 to 1');
}
