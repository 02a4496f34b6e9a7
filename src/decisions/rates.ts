/** The exchange rates a policy starts from, and how high those of another may be. */
import { decimalsOf, MAX_AMOUNT_MAJOR, type RateTable } from '../domain/money.ts';
import { invalid } from './read.ts';

/**
 * US dollars for one unit of each currency, rounded to two or three digits as they stood about the middle of 2025.
 * They put amounts on one scale for features and thresholds; a policy that settles money brings its own.
 */
export const DEFAULT_RATES: RateTable = {
  base: 'USD',
  rates: {
    AED: 0.272,
    ARS: 0.00085,
    AUD: 0.65,
    BHD: 2.65,
    BRL: 0.18,
    CAD: 0.73,
    CHF: 1.24,
    CLP: 0.00106,
    CNY: 0.139,
    COP: 0.000245,
    CZK: 0.047,
    DKK: 0.156,
    EGP: 0.02,
    EUR: 1.16,
    GBP: 1.36,
    HKD: 0.128,
    HUF: 0.0029,
    IDR: 0.0000615,
    ILS: 0.29,
    INR: 0.0117,
    JPY: 0.0068,
    KES: 0.0077,
    KRW: 0.00073,
    KWD: 3.27,
    MXN: 0.053,
    MYR: 0.236,
    NGN: 0.00065,
    NOK: 0.099,
    NZD: 0.6,
    PHP: 0.0175,
    PLN: 0.272,
    QAR: 0.275,
    RON: 0.229,
    SAR: 0.267,
    SEK: 0.104,
    SGD: 0.78,
    THB: 0.0307,
    TRY: 0.025,
    TWD: 0.034,
    USD: 1,
    VND: 0.0000383,
    ZAR: 0.056,
  },
};

/** The most minor units that the ledger’s 64-bit whole numbers hold, rounded down to a double. */
const MAX_LEDGER_MINOR = 2 ** 63 - 2 ** 10;

/**
 * Throws POLICY_INVALID for a rate at which the largest payment would be more than the ledger can hold: it would stand still
 * at that payment for ever. Not for policies on record, which must stay readable.
 */
export function refuseBoundlessRates({ base, rates }: RateTable): void {
  const highest = Math.floor(MAX_LEDGER_MINOR / (MAX_AMOUNT_MAJOR * 10 ** decimalsOf(base)));
  for (const [currency, rate] of Object.entries(rates)) {
    if (rate > highest)
      throw invalid(`rates.${currency}`, `expected a number above 0 and at most ${highest}, got ${rate}`);
  }
}
