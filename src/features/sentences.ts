/** A feature's value as one sentence an analyst understands. */
import { type Transaction } from '../domain/transaction.ts';
import { type Catalogue } from './catalogue.ts';
import { money } from './phrases.ts';

/**
 * For example "5 payments in the last hour; usually 1 a day". `vector` is in catalogue order; `transaction`, when given,
 * supplies the names behind hashed categories; where it is in another currency than `baseCurrency`, sums of money, which
 * are all in that one, say so.
 */
export function sentence(
  featureIndex: number,
  vector: Float64Array,
  catalogue: Catalogue,
  transaction?: Transaction,
  baseCurrency?: string,
): string {
  const feature = catalogue.features[featureIndex];
  const value = vector[featureIndex];
  if (feature === undefined || value === undefined) throw new RangeError(`invalid feature index: ${featureIndex}`);
  if (Number.isNaN(value)) return `Not known: ${withoutStop(feature.description)}`;
  const currency = transaction === undefined || transaction.currency === baseCurrency ? undefined : baseCurrency;
  return feature.say(value, {
    valueOf: (name) => vector[catalogue.indexOf(name)] ?? NaN,
    money: (major) => money(major, currency),
    ...(transaction && { transaction }),
  });
}

const withoutStop = (text: string): string => (text.endsWith('.') ? text.slice(0, -1) : text);
