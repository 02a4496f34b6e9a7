/** A completed transaction is the one that was sent, with its id and event time. */
import { expect, it } from 'vitest';
import { type Transaction } from '../../src/domain/transaction.ts';
import { completeTransaction, type SentTransaction } from '../../src/usecases/complete-transaction.ts';

/** Every field there is. */
const full: Required<Omit<Transaction, 'transactionId' | 'eventTimeMs'>> = {
  userId: 'u1',
  merchantId: 'm1',
  amountMinor: 1_250,
  currency: 'EUR',
  merchantCategory: 'grocery',
  transactionType: 'purchase',
  cardId: 'c1',
  deviceId: 'd1',
  deviceType: 'mobile',
  ipAddress: '192.0.2.1',
  locationCountry: 'FR',
  locationCity: 'Lyon',
  latitude: 45.76,
  longitude: 4.83,
  cardType: 'credit',
  cardLastFour: '4242',
  emailDomain: 'example.org',
  attributes: { channel: 'web' },
};

it('keeps every field that was sent and adds none', () => {
  const { userId, merchantId, amountMinor, currency, merchantCategory, transactionType } = full;
  const least = { userId, merchantId, amountMinor, currency, merchantCategory, transactionType };
  const sent: SentTransaction[] = [full, least, ...Object.entries(full).map(([name, value]) => ({ ...least, [name]: value }))]; // prettier-ignore
  for (const each of sent) {
    expect(completeTransaction(each, 't1', 99)).toStrictEqual({ ...each, transactionId: 't1', eventTimeMs: 99 });
  }
});
