/** Money as integer minor units, and the decimals of each ISO 4217 currency. */

/** Currencies whose minor unit is not 1/100. Source: ISO 4217 list one, minor unit column. */
const DECIMALS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3])),
  CLF: 4,
  UYW: 4,
};

/** The largest amount accepted, in major units: what numeric(12,2) holds. */
export const MAX_AMOUNT_MAJOR = 9_999_999_999.99;

/** Digits after the point in `currency`: 2 for USD, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: string): number {
  return DECIMALS[currency] ?? 2;
}

/**
 * `major` as an integer count of minor units; undefined when it has more decimals than the currency, is not a
 * positive finite number, or exceeds MAX_AMOUNT_MAJOR.
 */
export function toMinor(major: number, currency: string): number | undefined {
  if (!(major > 0) || major > MAX_AMOUNT_MAJOR) return undefined;
  const scale = 10 ** decimalsOf(currency);
  const minor = Math.round(major * scale);
  return minor > 0 && minor / scale === major ? minor : undefined;
}

/** `minor` units as a number of major units. */
export function toMajor(minor: number, currency: string): number {
  return minor / 10 ** decimalsOf(currency);
}

/** Exchange rates of one policy version: major units of the base currency for one major unit of each. */
export interface RateTable {
  readonly base: string;
  readonly rates: Readonly<Record<string, number>>;
}

/** Whether amounts in `currency` can be put on the table's scale. */
export function hasRate(currency: string, { base, rates }: RateTable): boolean {
  return currency === base || Object.hasOwn(rates, currency);
}

/** `minor` units of `currency` in base-currency minor units, rounded half up; undefined when the table lacks it. */
export function toBaseMinor(minor: number, currency: string, table: RateTable): number | undefined {
  if (currency === table.base) return minor;
  if (!hasRate(currency, table)) return undefined;
  return Math.round((minor / 10 ** decimalsOf(currency)) * table.rates[currency]! * 10 ** decimalsOf(table.base));
}
