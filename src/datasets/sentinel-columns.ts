/** A labelled payment as cells of the project's own format. */
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { toMajor } from '../domain/money.ts';

/** `time` cells are epoch milliseconds, `flag` cells 0 or 1; undefined is an empty cell. */
export type SentinelColumn =
  | { readonly name: string; readonly type: 'text'; readonly cell: (row: LabelledTransaction) => string | undefined }
  | {
      readonly name: string;
      readonly type: 'number' | 'time' | 'flag';
      readonly cell: (row: LabelledTransaction) => number | undefined;
    };

/** In the order of the mapping `sentinel`, which reads them back. */
export const SENTINEL_COLUMNS: readonly SentinelColumn[] = [
  { name: 'transaction_id', type: 'text', cell: (row) => row.transaction.transactionId },
  { name: 'timestamp', type: 'time', cell: (row) => row.transaction.eventTimeMs },
  { name: 'user_id', type: 'text', cell: (row) => row.transaction.userId },
  { name: 'merchant_id', type: 'text', cell: (row) => row.transaction.merchantId },
  { name: 'merchant_category', type: 'text', cell: (row) => row.transaction.merchantCategory },
  { name: 'transaction_type', type: 'text', cell: (row) => row.transaction.transactionType },
  { name: 'amount', type: 'number', cell: ({ transaction }) => toMajor(transaction.amountMinor, transaction.currency) },
  { name: 'currency', type: 'text', cell: (row) => row.transaction.currency },
  { name: 'card_id', type: 'text', cell: (row) => row.transaction.cardId },
  { name: 'device_id', type: 'text', cell: (row) => row.transaction.deviceId },
  { name: 'device_type', type: 'text', cell: (row) => row.transaction.deviceType },
  { name: 'ip_address', type: 'text', cell: (row) => row.transaction.ipAddress },
  { name: 'location_country', type: 'text', cell: (row) => row.transaction.locationCountry },
  { name: 'location_city', type: 'text', cell: (row) => row.transaction.locationCity },
  { name: 'latitude', type: 'number', cell: (row) => row.transaction.latitude },
  { name: 'longitude', type: 'number', cell: (row) => row.transaction.longitude },
  { name: 'card_type', type: 'text', cell: (row) => row.transaction.cardType },
  { name: 'card_last_four', type: 'text', cell: (row) => row.transaction.cardLastFour },
  { name: 'email_domain', type: 'text', cell: (row) => row.transaction.emailDomain },
  {
    name: 'attributes',
    type: 'text',
    cell: ({ transaction: { attributes } }) => (attributes === undefined ? undefined : JSON.stringify(attributes)),
  },
  { name: 'is_fraud', type: 'flag', cell: ({ label }) => (label === undefined ? undefined : Number(label.isFraud)) },
  { name: 'label_timestamp', type: 'time', cell: (row) => row.label?.arrivalMs },
  { name: 'campaign', type: 'text', cell: (row) => row.label?.campaign },
];
