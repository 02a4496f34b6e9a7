/** A payment as sent → a validated, masked request with the hash of its canonical JSON. */
import { replacePans } from '../domain/pan.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type PaymentRequest } from '../usecases/score-transaction.ts';
import { isJsonObject } from './json-body.ts';
import { PAYMENT_FIELDS } from './payment-fields.ts';
import {
  createMembersReader,
  type PaymentMembers,
  type PaymentSource,
  readAmount,
  readTimestamp,
} from './payment-members.ts';
import { describeValue, quotableName, refuseField } from './read-value.ts';

export interface PaymentDecoderDeps {
  /** A keyed token in the place of a card number: equal numbers give equal tokens, and no way back without the key. */
  readonly tokenise: (pan: string) => string;
  /** First 128 bits of SHA-256 of a text's UTF-8, 32 hex digits. */
  readonly hash: (canonical: string) => string;
}

export interface PaymentDecoder {
  /**
   * Throws INVALID_REQUEST naming the first field that does not fit. `idempotencyKey` names the payment when it has
   * no transaction_id of its own; it is not part of the hash.
   */
  decode(value: unknown, source: PaymentSource, idempotencyKey?: string): PaymentRequest;
  /** An id as the journal knows it: card numbers in it replaced by tokens. */
  protect(id: string): string;
}

const DEFAULT_CURRENCY = 'USD';
const UNKNOWN_FIELD = 'this field is not known; put what is extra into attributes';
const KNOWN: ReadonlySet<string> = new Set(Object.keys(PAYMENT_FIELDS));

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function toTransaction(
  members: PaymentMembers,
  prefix: string,
  idempotencyKey?: string,
): PaymentRequest['transaction'] {
  const currency = (members.currency ?? DEFAULT_CURRENCY).toUpperCase();
  const transaction: Mutable<Omit<Transaction, 'transactionId' | 'eventTimeMs'>> & {
    transactionId?: string;
    eventTimeMs?: number;
  } = {
    userId: members.user_id,
    merchantId: members.merchant_id,
    amountMinor: readAmount(`${prefix}amount`, members.amount, currency),
    currency,
    merchantCategory: members.merchant_category,
    transactionType: members.transaction_type,
  };
  const transactionId = members.transaction_id ?? idempotencyKey;
  if (transactionId !== undefined) transaction.transactionId = transactionId;
  if (members.timestamp !== undefined) {
    transaction.eventTimeMs = readTimestamp(`${prefix}timestamp`, members.timestamp);
  }
  if (members.card_id !== undefined) transaction.cardId = members.card_id;
  if (members.device_id !== undefined) transaction.deviceId = members.device_id;
  if (members.device_type !== undefined) transaction.deviceType = members.device_type;
  if (members.ip_address !== undefined) transaction.ipAddress = members.ip_address;
  if (members.location_country !== undefined) {
    transaction.locationCountry = members.location_country.toUpperCase();
  }
  if (members.location_city !== undefined) transaction.locationCity = members.location_city;
  if (members.latitude !== undefined) transaction.latitude = members.latitude;
  if (members.longitude !== undefined) transaction.longitude = members.longitude;
  if (members.card_type !== undefined) transaction.cardType = members.card_type;
  if (members.card_last_four !== undefined) transaction.cardLastFour = members.card_last_four;
  if (members.email_domain !== undefined) transaction.emailDomain = members.email_domain;
  if (members.attributes !== undefined) {
    transaction.attributes = members.attributes;
  }
  return transaction;
}

/** What stands between the quotes; a string of a source without escapes needs none when written again. */
function inner(text: string, escaped: boolean): string {
  return escaped ? JSON.stringify(text).slice(1, -1) : text;
}

/** The members sent, names in alphabetical order, no blanks; absent and null members are left out. */
function canonicalJson(members: PaymentMembers, escaped: boolean): string {
  let json = `{"amount":${members.amount as number}`;
  if (members.attributes !== undefined) json += `,"attributes":${JSON.stringify(members.attributes)}`;
  if (members.card_id !== undefined) json += `,"card_id":"${inner(members.card_id, escaped)}"`;
  if (members.card_last_four !== undefined) json += `,"card_last_four":"${members.card_last_four}"`;
  if (members.card_type !== undefined) json += `,"card_type":"${inner(members.card_type, escaped)}"`;
  if (members.currency !== undefined) json += `,"currency":"${members.currency}"`;
  if (members.device_id !== undefined) json += `,"device_id":"${inner(members.device_id, escaped)}"`;
  if (members.device_type !== undefined) json += `,"device_type":"${inner(members.device_type, escaped)}"`;
  if (members.email_domain !== undefined) json += `,"email_domain":"${inner(members.email_domain, escaped)}"`;
  if (members.ip_address !== undefined) json += `,"ip_address":"${members.ip_address}"`;
  if (members.latitude !== undefined) json += `,"latitude":${members.latitude + 0}`;
  if (members.location_city !== undefined) json += `,"location_city":"${inner(members.location_city, escaped)}"`;
  if (members.location_country !== undefined) json += `,"location_country":"${members.location_country}"`;
  if (members.longitude !== undefined) json += `,"longitude":${members.longitude + 0}`;
  json += `,"merchant_category":"${inner(members.merchant_category, escaped)}"`;
  json += `,"merchant_id":"${inner(members.merchant_id, escaped)}"`;
  if (members.timestamp !== undefined) json += `,"timestamp":"${members.timestamp}"`;
  if (members.transaction_id !== undefined) json += `,"transaction_id":"${inner(members.transaction_id, escaped)}"`;
  json += `,"transaction_type":"${inner(members.transaction_type, escaped)}"`;
  return `${json},"user_id":"${inner(members.user_id, escaped)}"}`;
}

/** Decodes payments of the full form. Cost: 1–2 µs beside JSON.parse and the hash. */
export function createPaymentDecoder({ tokenise, hash }: PaymentDecoderDeps): PaymentDecoder {
  const protect = (id: string): string => replacePans(id, tokenise);
  const readMembers = createMembersReader(protect);
  const decode: PaymentDecoder['decode'] = (value, source, idempotencyKey) => {
    if (!isJsonObject(value))
      refuseField(source.prefix.slice(0, -1) || 'body', `expected an object, got ${describeValue(value)}`);
    for (const name in value) if (!KNOWN.has(name)) refuseField(source.prefix + quotableName(name), UNKNOWN_FIELD);
    const members = readMembers(value, source);
    const transaction = toTransaction(members, source.prefix, idempotencyKey);
    return { transaction, requestHash: hash(canonicalJson(members, source.escaped)) };
  };
  return { decode, protect };
}
