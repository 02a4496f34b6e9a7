/** Features of the amount against what is usual for the customer, the merchant and the category. */
import { type EntityKind } from '../domain/entity.ts';
import { DAY_MS } from '../domain/time.ts';
import { type Feature, type FeatureContext, type FeatureGroup, ratio, toMajor } from './context.ts';
import { MINOR_PER_MAJOR } from './feature.ts';
import { type EntityView, MONTH, WEEK } from './entity-view.ts';
import { percent, round } from './phrases.ts';
import { AMOUNT_LIMIT, LARGE } from './amount-walk.ts';
import { WALK_LIMIT } from './user-walk.ts';

const LAST_MONTH = `the newest ${WALK_LIMIT} payments of 30 days`;
const LAST_AMOUNTS = `the newest ${AMOUNT_LIMIT} payments of 30 days`;

interface AmountFeature {
  readonly name: string;
  readonly entity?: EntityKind;
  readonly days?: number;
  readonly unit?: string;
  readonly formula: string;
  readonly whenEmpty?: number;
  readonly description: string;
  readonly say: Feature['say'];
}

function amountFeature({ days, unit = 'ratio', whenEmpty = NaN, ...rest }: AmountFeature): Feature {
  return {
    family: 'amount',
    kind: 'numeric',
    unit,
    whenEmpty,
    whenMissing: NaN,
    ...(days === undefined ? {} : { windowMs: days * DAY_MS }),
    ...rest,
  };
}

/** Mean minor units of a window; NaN when it is empty. */
const mean = (view: EntityView, window: number): number => view.amounts[window]! / view.payments[window]!;

const times = (value: number, what: string): string => `Amount is ${round(value)} times ${what}`;

export const AMOUNT: FeatureGroup = {
  write,
  features: [
    amountFeature({
      name: 'user_avg_amount_7d',
      entity: 'user',
      days: 7,
      unit: 'base currency',
      formula: 'user_txn_amount_7d / user_txn_count_7d',
      description: "The customer's mean amount in 7 days.",
      say: (value, { money }) => `The customer's payments of the last 7 days average ${money(value)}`,
    }),
    amountFeature({
      name: 'user_avg_amount_30d',
      entity: 'user',
      days: 30,
      unit: 'base currency',
      formula: 'user_txn_amount_30d / user_txn_count_30d',
      description: "The customer's mean amount in 30 days.",
      say: (value, { money }) => `The customer's payments of the last 30 days average ${money(value)}`,
    }),
    amountFeature({
      name: 'user_std_amount_7d',
      entity: 'user',
      days: 7,
      unit: 'base currency',
      formula: `standard deviation (population) of the amounts of 7 days, at most the newest ${WALK_LIMIT}`,
      description: "How much the customer's amounts of 7 days vary.",
      say: (value, { money }) => `The customer's amounts of the last 7 days vary by ${money(value)}`,
    }),
    amountFeature({
      name: 'amount_to_avg_ratio',
      entity: 'user',
      days: 7,
      formula: 'amount / user_avg_amount_7d',
      description: "The amount against the customer's mean of 7 days.",
      say: (value) => times(value, "the customer's mean of the last 7 days"),
    }),
    amountFeature({
      name: 'amount_to_avg_ratio_30d',
      entity: 'user',
      days: 30,
      formula: 'amount / user_avg_amount_30d',
      description: "The amount against the customer's mean of 30 days.",
      say: (value) => times(value, "the customer's mean of the last 30 days"),
    }),
    amountFeature({
      name: 'amount_zscore',
      entity: 'user',
      days: 7,
      unit: 'deviations',
      formula: '(amount − user_avg_amount_7d) / max(user_std_amount_7d, 1)',
      description: "How many deviations the amount lies from the customer's mean of 7 days.",
      say: (value) =>
        `Amount is ${round(Math.abs(value))} deviations ${value < 0 ? 'below' : 'above'} the customer's mean`,
    }),
    amountFeature({
      name: 'user_median_amount_30d',
      entity: 'user',
      days: 30,
      unit: 'base currency',
      formula: `lower median of the amounts of ${LAST_AMOUNTS}`,
      description: "The customer's median amount.",
      say: (value, { money }) => `Half of the customer's payments are below ${money(value)}`,
    }),
    amountFeature({
      name: 'amount_to_median_ratio',
      entity: 'user',
      days: 30,
      formula: 'amount / user_median_amount_30d',
      description: "The amount against the customer's median.",
      say: (value) => times(value, "the customer's median"),
    }),
    amountFeature({
      name: 'amount_to_p95_ratio',
      entity: 'user',
      days: 30,
      formula: `amount / 95th percentile (nearest rank) of the amounts of ${LAST_AMOUNTS}`,
      description: "The amount against the customer's large payments.",
      say: (value) => times(value, "what 95 % of the customer's payments stay below"),
    }),
    amountFeature({
      name: 'amount_to_max_ratio',
      entity: 'user',
      days: 30,
      formula: `amount / largest amount of ${LAST_MONTH}`,
      description: "The amount against the customer's largest payment.",
      say: (value) => times(value, "the customer's largest of the last 30 days"),
    }),
    amountFeature({
      name: 'user_max_amount_30d',
      entity: 'user',
      days: 30,
      unit: 'base currency',
      formula: `largest amount of ${LAST_MONTH}`,
      description: "The customer's largest payment of 30 days.",
      say: (value, { money }) => `The customer's largest payment of the last 30 days is ${money(value)}`,
    }),
    amountFeature({
      name: 'amount_rank',
      entity: 'user',
      days: 30,
      formula: `share of ${LAST_MONTH} with a smaller amount`,
      description: "The share of the customer's payments that are smaller.",
      say: (value) => `Larger than ${percent(value)} of the customer's payments`,
    }),
    amountFeature({
      name: 'user_same_amount_count_30d',
      entity: 'user',
      days: 30,
      unit: 'payments',
      whenEmpty: 0,
      formula: `payments of exactly this amount among ${LAST_MONTH}`,
      description: 'Earlier payments of the very same amount.',
      say: (value) => `${round(value)} earlier payments of the very same amount`,
    }),
    amountFeature({
      name: 'user_max_to_median_ratio_7d',
      entity: 'user',
      days: 7,
      formula: `largest amount of 7 days, at most the newest ${WALK_LIMIT} / user_median_amount_30d`,
      description: "The customer's largest payment of the last days against their median.",
      say: (value) => `The customer's largest payment of the last 7 days was ${round(value)} times their median`,
    }),
    amountFeature({
      name: 'user_large_amount_count_7d',
      entity: 'user',
      days: 7,
      unit: 'payments',
      whenEmpty: 0,
      formula: `payments above ${LARGE} · user_median_amount_30d among those of 7 days, at most the newest ${WALK_LIMIT}`,
      description: 'Earlier payments of the last days that were large for the customer.',
      say: (value) => `${round(value)} payments of the last 7 days were large for this customer`,
    }),
    amountFeature({
      name: 'amount_to_merchant_avg_ratio',
      entity: 'merchant',
      days: 30,
      formula: 'amount / mean amount of the merchant over the window of merchant_txn_count_30d',
      description: 'The amount against what is usual at the merchant.',
      say: (value) => times(value, 'what is usual at this merchant'),
    }),
    amountFeature({
      name: 'amount_to_category_avg_ratio',
      formula: 'amount / mean amount of the merchant category in the published tables',
      description: 'The amount against what is usual in the category.',
      say: (value) => times(value, 'what is usual in this category'),
    }),
  ],
};

function write({ amountMinor, views, walk, words }: FeatureContext, out: Float64Array, at: number): void {
  const weekMean = mean(views.user, WEEK);
  const monthMean = mean(views.user, MONTH);
  const deviation = toMajor(walk.deviation7d);
  out[at] = toMajor(weekMean);
  out[at + 1] = toMajor(monthMean);
  out[at + 2] = deviation;
  out[at + 3] = ratio(amountMinor, weekMean);
  out[at + 4] = ratio(amountMinor, monthMean);
  out[at + 5] = toMajor(amountMinor - weekMean) / Math.max(deviation, 1);
  out[at + 6] = toMajor(walk.median);
  out[at + 7] = ratio(amountMinor, walk.median);
  out[at + 8] = ratio(amountMinor, walk.percentile95);
  out[at + 9] = ratio(amountMinor, walk.largest);
  out[at + 10] = toMajor(walk.largest);
  out[at + 11] = walk.smaller;
  out[at + 12] = walk.sameAmount;
  out[at + 13] = ratio(walk.largest7d, walk.median);
  out[at + 14] = walk.large7d;
  out[at + 15] = ratio(amountMinor, mean(views.merchant, MONTH));
  out[at + 16] = ratio(amountMinor, words.merchant_category.entry.meanAmount * MINOR_PER_MAJOR);
}
