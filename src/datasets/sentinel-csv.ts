/** Labelled payments as CSV text of the project's own format, which the mapping `sentinel` reads back. */
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { toMajor } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';
import { SENTINEL_MAPPING } from './mappings/sentinel.ts';

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** One cell; absent is empty. Source: RFC 4180 section 2. */
function cell(text: string | undefined): string {
  if (text === undefined) return '';
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const number = (value: number | undefined): string => (value === undefined ? '' : String(value));

function attributesCell(attributes: Transaction['attributes']): string {
  return attributes === undefined ? '' : cell(JSON.stringify(attributes));
}

/** The header line. */
export const SENTINEL_CSV_HEADER = SENTINEL_MAPPING.columns.map(({ name }) => name).join(',') + '\n';

/** One line, its cells in the order of the mapping's columns; amounts in major units, times in RFC 3339. */
export function sentinelCsvLine({ transaction, label }: LabelledTransaction): string {
  const t = transaction;
  const where = `${cell(t.locationCountry)},${cell(t.locationCity)},${number(t.latitude)},${number(t.longitude)}`;
  const truth =
    label === undefined ? ',,' : `${label.isFraud},${formatRfc3339(label.arrivalMs)},${cell(label.campaign)}`;
  return (
    `${cell(t.transactionId)},${formatRfc3339(t.eventTimeMs)},${cell(t.userId)},${cell(t.merchantId)},` +
    `${cell(t.merchantCategory)},${cell(t.transactionType)},${toMajor(t.amountMinor, t.currency)},${t.currency},` +
    `${cell(t.cardId)},${cell(t.deviceId)},${cell(t.deviceType)},${cell(t.ipAddress)},${where},` +
    `${cell(t.cardType)},${cell(t.cardLastFour)},${cell(t.emailDomain)},${attributesCell(t.attributes)},${truth}\n`
  );
}
