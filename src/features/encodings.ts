/** Features that stand for ids and names: how frequent they are, and what share of their payments was fraud. */
import { DAY_MS } from '../domain/time.ts';
import { type Feature, type FeatureContext, type FeatureGroup } from './context.ts';
import { percent, round } from './phrases.ts';
import { smoothedRate } from './slow-tables.ts';

function share(name: string, words: string): Feature {
  // prettier-ignore
  return {
    name,
    family: 'encodings',
    windowMs: 30 * DAY_MS,
    unit: 'share',
    formula: `share of the ${words} among the payments of 30 days, as last published; 0 for one not in the table`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `How frequent the ${words} is.`,
    say: (value) => `The ${words} makes up ${percent(value)} of all payments`,
  };
}

export const ENCODINGS: FeatureGroup = {
  write,
  features: [
    {
      name: 'merchant_target_encoding',
      family: 'encodings',
      entity: 'merchant',
      unit: 'share',
      formula: 'smoothed share of fraud among all payments of the merchant known by t, over its whole life',
      kind: 'numeric',
      whenEmpty: NaN,
      whenMissing: NaN,
      description: "The merchant's fraud rate over its whole life.",
      say: (value) => `Fraud rate of the merchant since it is known: ${round(value * 1000)} in 1,000`,
    },
    {
      name: 'merchant_frequency',
      family: 'encodings',
      entity: 'merchant',
      unit: 'payments',
      formula: 'payments of the merchant up to t, over its whole life',
      kind: 'numeric',
      whenEmpty: 0,
      whenMissing: NaN,
      description: 'How many payments the merchant has seen.',
      say: (value) => `The merchant has seen ${round(value)} payments`,
    },
    share('category_frequency', 'merchant category'),
    share('country_frequency', 'country'),
    share('email_domain_frequency', 'e-mail domain'),
  ],
};

function write({ views: { merchant }, tables, words }: FeatureContext, out: Float64Array, at: number): void {
  out[at] = smoothedRate(merchant.fraudsEver, merchant.knownEver, tables.fraudRate);
  out[at + 1] = merchant.paymentsEver;
  out[at + 2] = words.merchant_category.entry.share;
  out[at + 3] = words.location_country.entry.share;
  out[at + 4] = words.email_domain.entry.share;
}
