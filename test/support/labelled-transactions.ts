/** Labelled payments for tests, and fast-check's arbitrary ones. */
import fc from 'fast-check';
import { COUNTRY_CODE } from '../../src/domain/country.ts';
import { type LabelledTransaction } from '../../src/domain/labelled-transaction.ts';
import { type Transaction } from '../../src/domain/transaction.ts';
import { aTransaction } from './transactions.ts';

export function aLabelled(
  transaction: Partial<Transaction> = {},
  label?: LabelledTransaction['label'],
): LabelledTransaction {
  return label === undefined
    ? { transaction: aTransaction(transaction) }
    : { transaction: aTransaction(transaction), label };
}

/** Texts with everything that breaks careless CSV, but not the unit separator, which the reader refuses. */
const text = fc
  .string({
    minLength: 1,
    maxLength: 12,
    unit: fc.oneof(
      fc.constantFrom(',', '"', '\n', "'", ' ', 'é', '漢', 'a', '0'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
  })
  .filter((value) => value !== '' && !value.includes('\u001f'));

const attributes = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 6 }).filter((key) => key !== '__proto__'),
  fc.oneof(
    text,
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  ),
  { maxKeys: 3 },
);

/** Codes of countries are in upper case, however they came. */
const country = text.map((value) => (COUNTRY_CODE.test(value) ? value.toUpperCase() : value));

const optionalFields = fc.record(
  {
    cardId: text,
    deviceId: text,
    deviceType: text,
    ipAddress: text,
    locationCountry: country,
    locationCity: text,
    cardType: text,
    cardLastFour: text,
    emailDomain: text,
    attributes,
  },
  { requiredKeys: [] },
);

const location = fc.option(
  fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }).map((value) => value + 0),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }).map((value) => value + 0),
  }),
  { nil: {} },
);

/** 2000 to 2099, milliseconds. */
const timeMs = fc.integer({ min: 946_684_800_000, max: 4_000_000_000_000 });

/** A label with its delay in place of its arrival. */
const delayedLabel: fc.Arbitrary<{ isFraud: boolean; delayMs: number; campaign?: string } | undefined> = fc.option(
  fc.oneof(
    fc.record({ isFraud: fc.constant(false), delayMs: fc.nat(1e9) }),
    fc.record(
      { isFraud: fc.constant(true), delayMs: fc.nat(1e9), campaign: text },
      { requiredKeys: ['isFraud', 'delayMs'] },
    ),
  ),
  { nil: undefined },
);

/** Payments in order of time under ids of their own. */
export const labelledTransactions: fc.Arbitrary<readonly LabelledTransaction[]> = fc
  .array(
    fc.tuple(
      fc.record({
        userId: text,
        merchantId: text,
        amountMinor: fc.integer({ min: 1, max: 999_999_999_999 }),
        currency: fc.constantFrom('USD', 'JPY', 'KWD', 'EUR'),
        merchantCategory: text,
        transactionType: text,
        eventTimeMs: timeMs,
      }),
      optionalFields,
      location,
      delayedLabel,
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) =>
    rows
      .map(([required, optional, place, known]) => {
        const amountMinor = required.currency === 'JPY' ? Math.ceil(required.amountMinor / 1e3) : required.amountMinor;
        const transaction = { transactionId: '', ...required, amountMinor, ...optional, ...place };
        if (known === undefined) return { transaction };
        const { delayMs, ...rest } = known;
        return { transaction, label: { ...rest, arrivalMs: required.eventTimeMs + delayMs } };
      })
      .sort((a, b) => a.transaction.eventTimeMs - b.transaction.eventTimeMs)
      .map((row, index) => ({ ...row, transaction: { ...row.transaction, transactionId: `t${index}` } })),
  );
