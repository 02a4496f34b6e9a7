/** A transaction as bytes: required fields, a bit for each optional field present, attributes with their types. */
import { type AttributeValue, type Transaction } from '../domain/transaction.ts';
import {
  type ByteReader,
  type ByteWriter,
  putCount,
  putF64,
  putText,
  putU8,
  takeCount,
  takeF64,
  takeText,
  takeU32,
  takeU8,
} from './bytes.ts';

type Writable = { -readonly [Field in keyof Transaction]: Transaction[Field] };

/** Bits of the presence mask; a new optional field takes the next one. */
const CARD_ID = 1;
const DEVICE_ID = 1 << 1;
const DEVICE_TYPE = 1 << 2;
const IP_ADDRESS = 1 << 3;
const LOCATION_COUNTRY = 1 << 4;
const LOCATION_CITY = 1 << 5;
const LATITUDE = 1 << 6;
const LONGITUDE = 1 << 7;
const CARD_TYPE = 1 << 8;
const CARD_LAST_FOUR = 1 << 9;
const EMAIL_DOMAIN = 1 << 10;
const ATTRIBUTES = 1 << 11;

const TEXT = 0;
const NUMBER = 1;
const FALSE = 2;
const TRUE = 3;

/** The id comes first, so that an index is built without decoding the rest. */
export function putTransaction(writer: ByteWriter, transaction: Transaction): void {
  putText(writer, transaction.transactionId);
  const maskAt = writer.at;
  writer.at += 4;
  putText(writer, transaction.userId);
  putText(writer, transaction.merchantId);
  putText(writer, transaction.currency);
  putText(writer, transaction.merchantCategory);
  putText(writer, transaction.transactionType);
  putF64(writer, transaction.amountMinor);
  putF64(writer, transaction.eventTimeMs);
  writer.view.setUint32(maskAt, putOptionals(writer, transaction), true);
}

function putOptionals(writer: ByteWriter, transaction: Transaction): number {
  const { latitude, longitude, attributes } = transaction;
  let mask =
    putOptionalText(writer, transaction.cardId, CARD_ID) |
    putOptionalText(writer, transaction.deviceId, DEVICE_ID) |
    putOptionalText(writer, transaction.deviceType, DEVICE_TYPE) |
    putOptionalText(writer, transaction.ipAddress, IP_ADDRESS) |
    putOptionalText(writer, transaction.locationCountry, LOCATION_COUNTRY) |
    putOptionalText(writer, transaction.locationCity, LOCATION_CITY) |
    putOptionalText(writer, transaction.cardType, CARD_TYPE) |
    putOptionalText(writer, transaction.cardLastFour, CARD_LAST_FOUR) |
    putOptionalText(writer, transaction.emailDomain, EMAIL_DOMAIN);
  if (latitude !== undefined) {
    putF64(writer, latitude);
    mask |= LATITUDE;
  }
  if (longitude !== undefined) {
    putF64(writer, longitude);
    mask |= LONGITUDE;
  }
  if (attributes !== undefined) {
    putAttributes(writer, attributes);
    mask |= ATTRIBUTES;
  }
  return mask;
}

/** Returns `bit` when there was a text to write, else 0. */
export function putOptionalText(writer: ByteWriter, text: string | undefined, bit: number): number {
  if (text === undefined) return 0;
  putText(writer, text);
  return bit;
}

function putAttributes(writer: ByteWriter, attributes: Readonly<Record<string, AttributeValue>>): void {
  const names = Object.keys(attributes);
  putCount(writer, names.length);
  for (const name of names) {
    const value = attributes[name]!;
    putText(writer, name);
    if (typeof value === 'string') {
      putU8(writer, TEXT);
      putText(writer, value);
    } else if (typeof value === 'number') {
      putU8(writer, NUMBER);
      putF64(writer, value);
    } else {
      putU8(writer, value ? TRUE : FALSE);
    }
  }
}

export function takeTransaction(reader: ByteReader): Transaction {
  const transactionId = takeText(reader);
  const mask = takeU32(reader);
  const transaction: Writable = {
    transactionId,
    userId: takeText(reader),
    merchantId: takeText(reader),
    currency: takeText(reader),
    merchantCategory: takeText(reader),
    transactionType: takeText(reader),
    amountMinor: takeF64(reader),
    eventTimeMs: takeF64(reader),
  };
  if ((mask & CARD_ID) !== 0) transaction.cardId = takeText(reader);
  if ((mask & DEVICE_ID) !== 0) transaction.deviceId = takeText(reader);
  if ((mask & DEVICE_TYPE) !== 0) transaction.deviceType = takeText(reader);
  if ((mask & IP_ADDRESS) !== 0) transaction.ipAddress = takeText(reader);
  if ((mask & LOCATION_COUNTRY) !== 0) transaction.locationCountry = takeText(reader);
  if ((mask & LOCATION_CITY) !== 0) transaction.locationCity = takeText(reader);
  if ((mask & CARD_TYPE) !== 0) transaction.cardType = takeText(reader);
  if ((mask & CARD_LAST_FOUR) !== 0) transaction.cardLastFour = takeText(reader);
  if ((mask & EMAIL_DOMAIN) !== 0) transaction.emailDomain = takeText(reader);
  if ((mask & LATITUDE) !== 0) transaction.latitude = takeF64(reader);
  if ((mask & LONGITUDE) !== 0) transaction.longitude = takeF64(reader);
  if ((mask & ATTRIBUTES) !== 0) transaction.attributes = takeAttributes(reader);
  return transaction;
}

function takeAttributes(reader: ByteReader): Readonly<Record<string, AttributeValue>> {
  const entries: [string, AttributeValue][] = [];
  for (let left = takeCount(reader); left > 0; left -= 1) {
    const name = takeText(reader);
    const kind = takeU8(reader);
    entries.push([name, kind === TEXT ? takeText(reader) : kind === NUMBER ? takeF64(reader) : kind === TRUE]);
  }
  return Object.fromEntries(entries); // defines own keys, so that a name like __proto__ stays a name
}
