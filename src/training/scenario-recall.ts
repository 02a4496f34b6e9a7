/** How much of each kind of fraud is caught: the mean over all hides the kind that gets through. */
import { type ReviewAndBlock } from '../metrics/money.ts';
import { type ScoredSample } from './metric-table.ts';

export interface ScenarioRecall {
  /** The campaign or scenario as the data names it; '' for frauds it does not name. */
  readonly scenario: string;
  readonly frauds: number;
  /** Flagged: reviewed or blocked. */
  readonly flagged: number;
  readonly blocked: number;
  /** Major units defrauded, and flagged of them. */
  readonly amount: number;
  readonly amountFlagged: number;
}

/** One entry a scenario of the sample's frauds, the most frequent first; `scenarios` has one name a payment. */
export function scenarioRecall(
  { labels, probabilities, amounts }: Pick<ScoredSample, 'labels' | 'probabilities' | 'amounts'>,
  scenarios: readonly string[],
  { review, block }: ReviewAndBlock,
): readonly ScenarioRecall[] {
  const found = new Map<string, { -readonly [Key in keyof ScenarioRecall]: ScenarioRecall[Key] }>();
  labels.forEach((label, row) => {
    if (label !== 1) return;
    const scenario = scenarios[row] ?? '';
    const sums = found.get(scenario) ?? { scenario, frauds: 0, flagged: 0, blocked: 0, amount: 0, amountFlagged: 0 };
    found.set(scenario, sums);
    sums.frauds++;
    sums.amount += amounts[row]!;
    if (probabilities[row]! >= block) sums.blocked++;
    if (probabilities[row]! < review) return;
    sums.flagged++;
    sums.amountFlagged += amounts[row]!;
  });
  return [...found.values()].sort((a, b) => b.frauds - a.frauds || (a.scenario < b.scenario ? -1 : 1));
}
