/** A transaction as the JSON body that a client would send for it. */
import { toMajor } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';

/** The request of `transaction`; with `dated: false` the timestamp is left for the service to assign. */
export function requestText(transaction: Transaction, { dated = true }: { readonly dated?: boolean } = {}): string {
  return JSON.stringify({
    transaction_id: transaction.transactionId,
    user_id: transaction.userId,
    amount: toMajor(transaction.amountMinor, transaction.currency),
    currency: transaction.currency,
    merchant_id: transaction.merchantId,
    merchant_category: transaction.merchantCategory,
    transaction_type: transaction.transactionType,
    timestamp: dated ? formatRfc3339(transaction.eventTimeMs) : undefined,
    card_id: transaction.cardId,
    device_id: transaction.deviceId,
    device_type: transaction.deviceType,
    ip_address: transaction.ipAddress,
    location_country: transaction.locationCountry,
    location_city: transaction.locationCity,
    latitude: transaction.latitude,
    longitude: transaction.longitude,
    card_type: transaction.cardType,
    card_last_four: transaction.cardLastFour,
    email_domain: transaction.emailDomain,
    attributes: transaction.attributes,
  });
}
