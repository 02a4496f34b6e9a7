/** The names a rule may use: fields of the payment, features of the catalogue and the score. */
import { type FeatureDefinition } from '../../features/feature.ts';
import { type Transaction } from '../../domain/transaction.ts';

/** What a rule is judged on. */
export interface RuleInput {
  readonly transaction: Transaction;
  /** In base-currency minor units. */
  readonly amountBaseMinor: number;
  /** Feature values in catalogue order; NaN is missing. */
  readonly vector: Float64Array;
  /** Calibrated probability of fraud, 0..1. */
  readonly probability: number;
}

/** `scored`: known only once features and score are; a missing number reads NaN, a missing text undefined. */
export type RuleSymbol =
  | { readonly type: 'number'; readonly scored: boolean; readonly read: (input: RuleInput) => number }
  | { readonly type: 'text'; readonly scored: boolean; readonly read: (input: RuleInput) => string | undefined }
  | { readonly type: 'category' };

export type SymbolTable = ReadonlyMap<string, RuleSymbol>;
export type FeatureName = Pick<FeatureDefinition, 'name' | 'kind'>;

const TEXT_FIELDS = {
  transaction_id: 'transactionId',
  user_id: 'userId',
  merchant_id: 'merchantId',
  merchant_category: 'merchantCategory',
  transaction_type: 'transactionType',
  currency: 'currency',
  card_id: 'cardId',
  card_type: 'cardType',
  card_last_four: 'cardLastFour',
  device_id: 'deviceId',
  device_type: 'deviceType',
  ip_address: 'ipAddress',
  location_country: 'locationCountry',
  location_city: 'locationCity',
  email_domain: 'emailDomain',
} as const satisfies Readonly<Record<string, keyof Transaction>>;

/**
 * The names for rules over `features`. A payment's field hides a feature of the same name, so `merchant_category` is the
 * text as sent. `amount` is in major units of the base currency, whatever the payment's; `baseDecimals` are its digits.
 */
export function symbolTable(features: readonly FeatureName[], baseDecimals: number): SymbolTable {
  const symbols = new Map<string, RuleSymbol>();
  features.forEach(({ name, kind }, index) => {
    symbols.set(
      name,
      kind === 'category'
        ? { type: 'category' }
        : { type: 'number', scored: true, read: ({ vector }) => vector[index]! },
    );
  });
  for (const [name, field] of Object.entries(TEXT_FIELDS)) {
    symbols.set(name, { type: 'text', scored: false, read: ({ transaction }) => transaction[field] });
  }
  const scale = 10 ** baseDecimals;
  const numbers: Readonly<Record<string, (input: RuleInput) => number>> = {
    amount: ({ amountBaseMinor }) => amountBaseMinor / scale,
    latitude: ({ transaction }) => transaction.latitude ?? NaN,
    longitude: ({ transaction }) => transaction.longitude ?? NaN,
  };
  for (const [name, read] of Object.entries(numbers)) symbols.set(name, { type: 'number', scored: false, read });
  symbols.set('score', { type: 'number', scored: true, read: ({ probability }) => probability });
  return symbols;
}
