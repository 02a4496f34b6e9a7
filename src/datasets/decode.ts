/** Columns of a file → labelled payments, as a mapping says. */
import { COUNTRY_CODE } from '../domain/country.ts';
import { SentinelError } from '../domain/errors.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { decimalsOf, hasRate, MAX_AMOUNT_MAJOR, type RateTable, toMinor } from '../domain/money.ts';
import { type AttributeValue, type Transaction } from '../domain/transaction.ts';
import { type DropReason, type RepairReason } from './cleaning-reasons.ts';
import { type ColumnBatch } from './column-batch.ts';
import { labelOf } from './labels.ts';
import { type DatasetMapping, OPTIONAL_TEXT_FIELDS, type TextSource } from './mapping.ts';
import { columnNumbers, columnTexts, type ReadNumber, type ReadText, sourceName, textReader } from './text-sources.ts';

/** 1970-01-01 and 2100-01-01: event times outside are counted as impossible. */
const EARLIEST_MS = 0;
const LATEST_MS = 4_102_444_800_000;
const UNKNOWN = 'unknown';
const CURRENCY_CODE = /^[A-Z]{3}$/;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Decoder = (
  batch: ColumnBatch,
  repaired: (reason: RepairReason) => void,
) => readonly (LabelledTransaction | DropReason)[];

function invalid(
  batch: ColumnBatch,
  row: number,
  column: string,
  value: string | number,
  problem: string,
): SentinelError {
  const { file, line } = batch.place(row);
  return new SentinelError('DATA_INVALID', { file, line, column, value, problem });
}

/** A code in upper case, as the service takes it in: a model, or a rule, would else know `us` and never meet it. */
function countryOf(text: string): string {
  return COUNTRY_CODE.test(text) ? text.toUpperCase() : text;
}

/** Reads the time of a row in epoch milliseconds, rounded; NaN when empty. */
function timeReader(mapping: DatasetMapping, batch: ColumnBatch): ReadNumber {
  const { time } = mapping.fields;
  const read = columnNumbers(batch, time.column);
  if (!('unitMs' in time)) return read;
  return (row) => Math.round(time.originMs + read(row) * time.unitMs);
}

/** Reads the minor units of a row's amount, or the reason to drop it. */
function amountReader(
  mapping: DatasetMapping,
  batch: ColumnBatch,
  repaired: (reason: RepairReason) => void,
): (row: number, currency: string) => number | DropReason {
  const { amount } = mapping.fields;
  const read = columnNumbers(batch, amount.column);
  return (row, currency) => {
    const major = read(row);
    if (Number.isNaN(major)) return 'amount-missing';
    if (major === 0 && amount.zero === 'keep') return 0;
    if (major <= 0) return 'amount-not-positive';
    if (major > MAX_AMOUNT_MAJOR) return 'amount-too-large';
    const minor = toMinor(major, currency);
    if (minor !== undefined) return minor;
    if (amount.decimals === 'exact') {
      throw invalid(batch, row, amount.column, major, `more than the ${decimalsOf(currency)} decimals of ${currency}`);
    }
    repaired('amount-rounded');
    const rounded = Math.round(major * 10 ** decimalsOf(currency));
    return rounded > 0 || amount.zero === 'keep' ? rounded : 'amount-not-positive';
  };
}

/** Adds latitude and longitude where both stand on the globe. */
function locationAdder(
  mapping: DatasetMapping,
  batch: ColumnBatch,
  repaired: (reason: RepairReason) => void,
): (row: number, transaction: Mutable<Transaction>) => void {
  const { location } = mapping.fields;
  const readLatitude = columnNumbers(batch, location?.latitude);
  const readLongitude = columnNumbers(batch, location?.longitude);
  return (row, transaction) => {
    const latitude = readLatitude(row);
    const longitude = readLongitude(row);
    if (Number.isNaN(latitude) && Number.isNaN(longitude)) return;
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
      transaction.latitude = latitude;
      transaction.longitude = longitude;
    } else repaired('location-impossible');
  };
}

function parseAttributes(
  batch: ColumnBatch,
  row: number,
  column: string,
  text: string,
): Record<string, AttributeValue> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid(batch, row, column, text, 'not JSON');
  }
  const simple = (value: unknown): value is AttributeValue => ['string', 'number', 'boolean'].includes(typeof value);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || !Object.values(parsed).every(simple)) {
    throw invalid(batch, row, column, text, 'not a JSON object of numbers, texts and booleans');
  }
  return parsed as Record<string, AttributeValue>; // just checked
}

/** Adds the attributes of a row, if it has any. */
function attributesAdder(mapping: DatasetMapping, batch: ColumnBatch): (row: number, to: Mutable<Transaction>) => void {
  const { attributes, attributesJson } = mapping.fields;
  const types = new Map(mapping.columns.map(({ name, type }) => [name, type]));
  const readJson = columnTexts(batch, attributesJson);
  const readers = attributes.map((name) => {
    if (types.get(name) === 'text') return { name, read: columnTexts(batch, name) };
    const read = columnNumbers(batch, name);
    if (types.get(name) !== 'boolean') return { name, read };
    return { name, read: (row: number) => (Number.isNaN(read(row)) ? undefined : read(row) === 1) };
  });
  return (row, transaction) => {
    const json = readJson(row);
    if (json === undefined && readers.length === 0) return;
    const found: Record<string, AttributeValue> =
      json === undefined ? {} : parseAttributes(batch, row, attributesJson!, json);
    for (const { name, read } of readers) {
      const value = read(row);
      if (value !== undefined && !Number.isNaN(value)) found[name] = value;
    }
    if (json !== undefined || Object.keys(found).length > 0) transaction.attributes = found;
  };
}

/** Reads a row's label, which needs its event time. */
function labelReader(
  mapping: DatasetMapping,
  batch: ColumnBatch,
): (row: number, eventTimeMs: number) => LabelledTransaction['label'] {
  const { label } = mapping.fields;
  if (label === undefined) return () => undefined;
  const readFraud = columnNumbers(batch, label.column);
  const readArrival = columnNumbers(batch, label.arrivalColumn);
  const readCampaign = columnTexts(batch, label.campaign?.column);
  return (row, eventTimeMs) => {
    const cells = { isFraud: readFraud(row), arrivalMs: readArrival(row), campaign: readCampaign(row) };
    return labelOf(cells, eventTimeMs, mapping.labelDelayMs, label.campaign?.names);
  };
}

/**
 * A decoder for batches of `mapping`: each row becomes a payment, or the reason why it is dropped. With `rates`, a payment
 * in a currency that has none is DATA_INVALID.
 */
export function createDecoder(mapping: DatasetMapping, rates?: RateTable): Decoder {
  const { fields } = mapping;
  return (batch, repaired) => {
    const readTime = timeReader(mapping, batch);
    const read = (source: TextSource): ReadText => textReader(batch, source, readTime);
    const readId = read(fields.transactionId);
    const readUser = read(fields.userId);
    const readMerchant = read(fields.merchantId);
    const readCategory = read(fields.merchantCategory);
    const readType = read(fields.transactionType);
    const readCurrency = read(fields.amount.currency);
    const readAmount = amountReader(mapping, batch, repaired);
    const addLocation = locationAdder(mapping, batch, repaired);
    const addAttributes = attributesAdder(mapping, batch);
    const readLabel = labelReader(mapping, batch);
    const optional = OPTIONAL_TEXT_FIELDS.filter((field) => fields.optional[field] !== undefined).map((field) => ({
      field,
      read: textReader(batch, fields.optional[field], readTime),
    }));

    const orUnknown = (text: string | undefined, reason: RepairReason): string => {
      if (text !== undefined) return text;
      repaired(reason);
      return UNKNOWN;
    };

    const decodeRow = (row: number): LabelledTransaction | DropReason => {
      const transactionId = readId(row);
      if (transactionId === undefined) return 'id-missing';
      const eventTimeMs = readTime(row);
      if (Number.isNaN(eventTimeMs)) return 'time-missing';
      if (eventTimeMs < EARLIEST_MS || eventTimeMs >= LATEST_MS) return 'time-impossible';
      const userId = readUser(row);
      if (userId === undefined) return 'user-missing';
      const merchantId = readMerchant(row);
      if (merchantId === undefined) return 'merchant-missing';
      const currency = readCurrency(row) ?? '';
      if (!CURRENCY_CODE.test(currency)) {
        throw invalid(batch, row, sourceName(fields.amount.currency), currency, 'not an ISO 4217 code');
      }
      const amountMinor = readAmount(row, currency);
      if (typeof amountMinor === 'string') return amountMinor;
      if (rates !== undefined && !hasRate(currency, rates)) {
        const problem = `no exchange rate to ${rates.base}; add one to the policy and name it with --policy-file`;
        throw invalid(batch, row, sourceName(fields.amount.currency), currency, problem);
      }
      const transaction: Mutable<Transaction> = {
        transactionId,
        userId,
        merchantId,
        amountMinor,
        currency,
        merchantCategory: orUnknown(readCategory(row), 'category-missing'),
        transactionType: orUnknown(readType(row), 'type-missing'),
        eventTimeMs,
      };
      for (let index = 0; index < optional.length; index++) {
        const { field, read } = optional[index]!;
        const text = read(row);
        if (text !== undefined) transaction[field] = field === 'locationCountry' ? countryOf(text) : text;
      }
      addLocation(row, transaction);
      addAttributes(row, transaction);
      const label = readLabel(row, eventTimeMs);
      return label === undefined ? { transaction } : { transaction, label };
    };
    const decoded: (LabelledTransaction | DropReason)[] = [];
    for (let row = 0; row < batch.rows; row++) decoded.push(decodeRow(row));
    return decoded;
  };
}
