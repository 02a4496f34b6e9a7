/** A history as if one fraud campaign had never been seen. */
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';

/** The payments without one fraud campaign, to learn as if it had never been seen. */
export function* withoutCampaign(
  payments: Iterable<LabelledTransaction>,
  campaign: string,
): Generator<LabelledTransaction> {
  for (const payment of payments) if (payment.label?.campaign !== campaign) yield payment;
}
