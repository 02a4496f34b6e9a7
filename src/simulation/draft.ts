/** A simulated payment before it has a number, and the payment made of it. */
import { type Transaction } from '../domain/transaction.ts';
import { COUNTRIES, type Place } from './geography.ts';
import { type Merchants } from './merchants.ts';
import { type Card, type Device, personId, type Population } from './population.ts';
import { type Category, type TransactionType } from './vocabulary.ts';

export interface Draft {
  readonly person: number;
  readonly merchantId: string;
  readonly category: Category;
  readonly type: TransactionType;
  readonly amountMinor: number;
  readonly card: Card;
  readonly place: Place;
  /** Absent at a terminal: the device is then the merchant's. */
  readonly online?: { readonly device: Device; readonly ip: string; readonly emailDomain: string };
}

/** The world the drafts are made in. */
export interface World {
  readonly population: Population;
  readonly merchants: Merchants;
}

/** No payment is smaller, minor units. */
const LEAST_AMOUNT_MINOR = 50;
const CURRENCY = 'USD';

/** `minor` as a payable amount: whole and not below the least. */
export function payableMinor(minor: number): number {
  return Math.max(LEAST_AMOUNT_MINOR, Math.round(minor));
}

/** The payment a draft becomes; at a terminal it names neither device nor address. */
export function toTransaction(draft: Draft, transactionId: string, eventTimeMs: number): Transaction {
  const { card, place, online } = draft;
  const country = COUNTRIES[place.country]!;
  // Literals rather than spreads: this is a fifth of the time of a row.
  if (online === undefined) {
    return {
      transactionId,
      userId: personId(draft.person),
      merchantId: draft.merchantId,
      amountMinor: draft.amountMinor,
      currency: CURRENCY,
      merchantCategory: draft.category,
      transactionType: draft.type,
      eventTimeMs,
      cardId: card.id,
      deviceType: 'pos_terminal',
      locationCountry: country.code,
      locationCity: country.cities[place.city]!.name,
      latitude: place.latitude,
      longitude: place.longitude,
      cardType: card.type,
      cardLastFour: card.lastFour,
    };
  }
  return {
    transactionId,
    userId: personId(draft.person),
    merchantId: draft.merchantId,
    amountMinor: draft.amountMinor,
    currency: CURRENCY,
    merchantCategory: draft.category,
    transactionType: draft.type,
    eventTimeMs,
    cardId: card.id,
    deviceId: online.device.id,
    deviceType: online.device.type,
    ipAddress: online.ip,
    locationCountry: country.code,
    locationCity: country.cities[place.city]!.name,
    latitude: place.latitude,
    longitude: place.longitude,
    cardType: card.type,
    cardLastFour: card.lastFour,
    emailDomain: online.emailDomain,
  };
}
