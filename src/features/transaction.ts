/** Features of the payment alone: its amount, and what kind of payment it is. */
import { decimalsOf } from '../domain/money.ts';
import { type Transaction } from '../domain/transaction.ts';
import { log1p } from '../stats/elementary.ts';
import { type Feature, type FeatureContext, type FeatureGroup, toMajor } from './context.ts';
import { hash32 } from './hash.ts';

/** Minor units of one major unit, by decimals: exact, and faster than a power. */
const MINOR_UNITS = [1, 10, 100, 1_000, 10_000] as const;

function minorUnits(currency: string): number {
  return MINOR_UNITS[decimalsOf(currency)] ?? 100;
}

/** Amounts that are a whole multiple of this many major units are called round. */
const ROUND_MAJOR = 10;

function category(name: string, words: string, textOf: (transaction: Transaction) => string | undefined): Feature {
  return {
    name,
    family: 'transaction',
    unit: 'hash',
    formula: `32-bit hash of the text`,
    kind: 'category',
    whenEmpty: NaN,
    whenMissing: NaN,
    description: `${words} of the payment, as sent.`,
    say: (_value, { transaction }) => {
      const text = transaction === undefined ? undefined : textOf(transaction);
      return text === undefined ? `${words} of this payment` : `${words}: ${text}`;
    },
  };
}

/** As many digits as the currency has, two where it is not known. */
function digitsBehindPoint(value: number, currency = ''): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return `Amounts in ${currency} have nothing behind the point`;
  return `Amount ends in ${String(value).padStart(decimals, '0')} behind the point`;
}

const ofPayment = { family: 'transaction', kind: 'numeric', whenEmpty: NaN, whenMissing: NaN } as const;

export const TRANSACTION: FeatureGroup = {
  write,
  features: [
    {
      ...ofPayment,
      name: 'amount',
      unit: 'base currency',
      formula: 'amount in base-currency minor units / 100',
      description: 'The amount in the base currency.',
      say: (value, { money }) => `Amount of ${money(value)}`,
    },
    {
      ...ofPayment,
      name: 'amount_log',
      unit: 'log base currency',
      formula: 'ln(1 + amount)',
      description: 'The amount on a logarithmic scale.',
      say: (_value, { money, valueOf }) => `Amount of ${money(valueOf('amount'))}`,
    },
    {
      ...ofPayment,
      name: 'amount_cents',
      unit: 'minor units',
      formula: 'amount in its own currency, digits behind the point',
      description: 'The part of the amount behind the point, in its own currency.',
      say: (value, { transaction }) => digitsBehindPoint(value, transaction?.currency),
    },
    {
      ...ofPayment,
      name: 'is_round_amount',
      unit: 'flag',
      formula: '1 when the amount in its own currency is a whole multiple of 10, else 0',
      description: 'Whether the amount is round.',
      say: (value) => (value === 1 ? 'A round amount' : 'Not a round amount'),
    },
    category('merchant_category', 'Merchant category', ({ merchantCategory }) => merchantCategory),
    category('transaction_type', 'Type', ({ transactionType }) => transactionType),
    category('device_type', 'Device type', ({ deviceType }) => deviceType),
    category('card_type', 'Card type', ({ cardType }) => cardType),
    category('location_country', 'Country', ({ locationCountry }) => locationCountry),
    category('currency', 'Currency', ({ currency }) => currency),
  ],
};

function write({ transaction, amountMinor, words }: FeatureContext, out: Float64Array, at: number): void {
  const amount = toMajor(amountMinor);
  const units = minorUnits(transaction.currency);
  out[at] = amount;
  out[at + 1] = log1p(amount);
  out[at + 2] = transaction.amountMinor % units;
  out[at + 3] = transaction.amountMinor % (ROUND_MAJOR * units) === 0 ? 1 : 0;
  out[at + 4] = words.merchant_category.hash;
  out[at + 5] = hash32(transaction.transactionType);
  out[at + 6] = words.device_type.hash;
  out[at + 7] = words.card_type.hash;
  out[at + 8] = words.location_country.hash;
  out[at + 9] = hash32(transaction.currency);
}
