/** Each kind of payment field: what it accepts, what it refuses and how card numbers leave it. */
import { isIP } from 'node:net';
import { COUNTRY_CODE } from '../domain/country.ts';
import { decimalsOf, MAX_AMOUNT_MAJOR, toMinor } from '../domain/money.ts';
import { isPan, maskPan, maskPans } from '../domain/pan.ts';
import { parseRfc3339 } from '../domain/time.ts';
import { type AttributeValue } from '../domain/transaction.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import {
  MAX_ATTRIBUTE_NAME,
  MAX_ATTRIBUTE_TEXT,
  MAX_ATTRIBUTES,
  PAYMENT_FIELDS,
  type PaymentField,
} from './payment-fields.ts';
import { describeValue, isText, readNumber, readText, refuseField, type TextTraits } from './read-value.ts';

/** What the scan of the source said of it; `prefix` comes before field names in messages (`transactions[3].`). */
export interface PaymentSource extends TextTraits {
  readonly prefix: string;
}

/** Payments dated outside these years are mistakes of unit or clock. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
const CURRENCY = /^[A-Za-z]{3}$/;
const LAST_FOUR = /^\d{4}$/;
const EXPECTED: ReadonlyMap<RegExp, string> = new Map([
  [CURRENCY, 'an ISO 4217 code of three letters'],
  [COUNTRY_CODE, 'an ISO 3166 code of two or three letters'],
  [LAST_FOUR, 'four digits'],
]);
/** Names that would change an object instead of naming a member. */
const UNSAFE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The amount in minor units of `currency`. */
export function readAmount(field: string, value: unknown, currency: string): number {
  if (typeof value !== 'number') refuseField(field, `expected a number above 0, got ${describeValue(value)}`);
  const minor = toMinor(value, currency);
  if (minor !== undefined) return minor;
  if (!(value > 0) || value > MAX_AMOUNT_MAJOR) {
    refuseField(field, `expected a number above 0 and at most ${MAX_AMOUNT_MAJOR}`);
  }
  refuseField(field, `expected at most ${decimalsOf(currency)} decimals, as ${currency} has`);
}

/** Epoch milliseconds. */
export function readTimestamp(field: string, value: string): number {
  const eventTimeMs = parseRfc3339(value);
  if (eventTimeMs === undefined) {
    refuseField(field, 'expected an RFC 3339 date and time with a zone, like 2026-01-15T10:30:00Z');
  }
  if (eventTimeMs < EARLIEST_MS || eventTimeMs >= LATEST_MS) refuseField(field, 'expected a year from 2000 to 2099');
  return eventTimeMs;
}

/** The text only: `readTimestamp` reads the time in it, once. */
function readTimestampText(value: unknown, source: PaymentSource): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    refuseField(`${source.prefix}timestamp`, `expected an RFC 3339 text, got ${describeValue(value)}`);
  return value;
}

/** Whether a payment may carry the text as its IP address: one without a zone. */
export function isPaymentIp(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

function readIp(value: unknown, source: PaymentSource): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !isPaymentIp(value)) {
    refuseField(`${source.prefix}ip_address`, 'expected an IPv4 or IPv6 address');
  }
  return value;
}

function readAttributes(value: unknown, source: PaymentSource): Readonly<Record<string, AttributeValue>> | undefined {
  if (value === undefined || value === null) return undefined;
  const field = `${source.prefix}attributes`;
  if (!isJsonObject(value)) refuseField(field, `expected an object, got ${describeValue(value)}`);
  const names = Object.keys(value).sort();
  if (names.length > MAX_ATTRIBUTES) refuseField(field, `expected at most ${MAX_ATTRIBUTES} entries`);
  const attributes: Record<string, AttributeValue> = {};
  for (const name of names) {
    readText(`${field} (a name)`, name, 1, MAX_ATTRIBUTE_NAME, source);
    const shown = maskPans(name);
    if (UNSAFE_NAMES.has(shown)) refuseField(`${field}.${shown}`, 'this name is not allowed');
    attributes[shown] = readAttribute(`${field}.${shown}`, value[name], source);
  }
  return attributes;
}

function readAttribute(field: string, value: unknown, source: PaymentSource): AttributeValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuseField(field, 'expected a number that fits 64-bit floating point');
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      refuseField(field, 'expected an integer below 2^53; send longer ones as strings');
    }
    const digits = String(Math.abs(value));
    return isPan(digits) ? maskPan(digits) : value;
  }
  if (typeof value !== 'string') {
    refuseField(field, `expected a string, a number or a boolean, got ${describeValue(value)}`);
  }
  return maskPans(readText(field, value, 0, MAX_ATTRIBUTE_TEXT, source));
}

/**
 * The members of a payment as they go into the hash: checked, card numbers gone, undefined where absent. The amount is
 * left to `readAmount`, as its decimals depend on the currency.
 */
export interface PaymentMembers {
  readonly amount: unknown;
  readonly attributes: Readonly<Record<string, AttributeValue>> | undefined;
  readonly card_id: string | undefined;
  readonly card_last_four: string | undefined;
  readonly card_type: string | undefined;
  readonly currency: string | undefined;
  readonly device_id: string | undefined;
  readonly device_type: string | undefined;
  readonly email_domain: string | undefined;
  readonly ip_address: string | undefined;
  readonly latitude: number | undefined;
  readonly location_city: string | undefined;
  readonly location_country: string | undefined;
  readonly longitude: number | undefined;
  readonly merchant_category: string;
  readonly merchant_id: string;
  readonly timestamp: string | undefined;
  readonly transaction_id: string | undefined;
  readonly transaction_type: string;
  readonly user_id: string;
}

type Bounded = PaymentField & { readonly bounds: readonly [number, number] };
const F = PAYMENT_FIELDS;

function required(value: unknown, name: string, source: PaymentSource): unknown {
  if (value === undefined || value === null) refuseField(source.prefix + name, 'this field is required');
  return value;
}

/** A text within its bounds; the name of the field is put together for those only that are refused. */
function boundedText(value: unknown, name: string, { bounds }: Bounded, source: PaymentSource): string {
  return isText(value, bounds[0], bounds[1], source)
    ? value
    : readText(source.prefix + name, value, bounds[0], bounds[1], source);
}

/** One payment's members, read one by one; every reader gives undefined for an absent or null value. */
function createReaders(protect: (id: string) => string) {
  return {
    identifier(value: unknown, name: string, field: Bounded, source: PaymentSource): string | undefined {
      if (value === undefined || value === null) return undefined;
      return protect(boundedText(value, name, field, source));
    },
    words(value: unknown, name: string, field: Bounded, source: PaymentSource): string | undefined {
      if (value === undefined || value === null) return undefined;
      return maskPans(boundedText(value, name, field, source));
    },
    degrees(value: unknown, name: string, { bounds }: Bounded, source: PaymentSource): number | undefined {
      if (value === undefined || value === null) return undefined;
      return readNumber(source.prefix + name, value, bounds[0], bounds[1]);
    },
    pattern(value: unknown, name: string, pattern: RegExp, source: PaymentSource): string | undefined {
      if (value === undefined || value === null) return undefined;
      if (typeof value !== 'string' || !pattern.test(value)) {
        refuseField(source.prefix + name, `expected ${EXPECTED.get(pattern)}`);
      }
      return value;
    },
  };
}

/** Reads every member in turn, without a loop over the table, which costs three times as much. */
export function createMembersReader(
  protect: (id: string) => string,
): (body: JsonObject, source: PaymentSource) => PaymentMembers {
  const { identifier, words, degrees, pattern } = createReaders(protect);
  return (body, source) => ({
    amount: required(body.amount, 'amount', source),
    attributes: readAttributes(body.attributes, source),
    card_id: identifier(body.card_id, 'card_id', F.card_id, source),
    card_last_four: pattern(body.card_last_four, 'card_last_four', LAST_FOUR, source),
    card_type: words(body.card_type, 'card_type', F.card_type, source),
    currency: pattern(body.currency, 'currency', CURRENCY, source),
    device_id: identifier(body.device_id, 'device_id', F.device_id, source),
    device_type: words(body.device_type, 'device_type', F.device_type, source),
    email_domain: words(body.email_domain, 'email_domain', F.email_domain, source),
    ip_address: readIp(body.ip_address, source),
    latitude: degrees(body.latitude, 'latitude', F.latitude, source),
    location_city: words(body.location_city, 'location_city', F.location_city, source),
    location_country: pattern(body.location_country, 'location_country', COUNTRY_CODE, source),
    longitude: degrees(body.longitude, 'longitude', F.longitude, source),
    merchant_category: words(
      required(body.merchant_category, 'merchant_category', source),
      'merchant_category',
      F.merchant_category,
      source,
    )!,
    merchant_id: identifier(required(body.merchant_id, 'merchant_id', source), 'merchant_id', F.merchant_id, source)!,
    timestamp: readTimestampText(body.timestamp, source),
    transaction_id: identifier(body.transaction_id, 'transaction_id', F.transaction_id, source),
    transaction_type: words(
      required(body.transaction_type, 'transaction_type', source),
      'transaction_type',
      F.transaction_type,
      source,
    )!,
    user_id: identifier(required(body.user_id, 'user_id', source), 'user_id', F.user_id, source)!,
  });
}
