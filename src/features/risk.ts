/** Features of delayed labels: how much of what is known by now about an entity was fraud, and how lately. */
import { type EntityKind } from '../domain/entity.ts';
import { DAY_MS } from '../domain/time.ts';
import { placeOf, type Feature, type FeatureContext } from './context.ts';
import { LABEL_WINDOWS, recentFrauds, RUN_LIMIT } from './entity-view.ts';
import { count, percent, round, span } from './phrases.ts';
import { SMOOTHING_WEIGHT, smoothedRate } from './slow-tables.ts';
import { ENTITY_WORDS } from './velocity.ts';

const [ONE_DAY, ONE_WEEK, TWO_WEEKS, ONE_MONTH] = [0, 1, 2, 3] as const;

const FORMULA_KNOWN = 'that became known in (t − window, t]: by a label, or by silence for the label delay';
const common = { family: 'risk', kind: 'numeric', whenMissing: NaN } as const;

function risk(kind: EntityKind, window: number, name?: string): Feature {
  const { ms, suffix, words } = LABEL_WINDOWS[window]!;
  const place = placeOf(kind);
  return {
    ...common,
    name: name ?? `${kind}_risk_${suffix}`,
    entity: kind,
    windowMs: ms,
    unit: 'share',
    formula: `(frauds + ${SMOOTHING_WEIGHT}·p) / (payments + ${SMOOTHING_WEIGHT}) over payments ${FORMULA_KNOWN}; p the published rate of all payments`,
    whenEmpty: NaN,
    description: `Share of fraud among the ${ENTITY_WORDS[kind]}’s payments that became known in ${words}.`,
    compute: ({ entities, tables }) =>
      smoothedRate(entities[place]!.frauds[window]!, entities[place]!.known[window]!, tables.fraudRate),
    say: (value) => `Fraud rate of the ${ENTITY_WORDS[kind]}, of what became known in ${words}: ${percent(value)}`,
  };
}

function frauds(kind: EntityKind, window: number): Feature {
  const { ms, suffix, words } = LABEL_WINDOWS[window]!;
  return {
    ...common,
    name: `${kind}_fraud_count_${suffix}`,
    entity: kind,
    windowMs: ms,
    unit: 'payments',
    formula: `frauds among payments ${FORMULA_KNOWN}`,
    whenEmpty: 0,
    description: `Frauds of the ${ENTITY_WORDS[kind]} that became known in ${words}.`,
    cell: ({ views }) => ({ values: views[kind].frauds, at: window }),
    say: (value) => `${count(value, 'fraud')} of this ${ENTITY_WORDS[kind]} became known in ${words}`,
  };
}

/** For entities whose rates are not asked for: frauds alone, without reading what silence made known. */
function recent(kind: EntityKind): Feature {
  const place = placeOf(kind);
  return {
    ...frauds(kind, ONE_MONTH),
    cell: undefined,
    compute: ({ entities, timeMs }) => recentFrauds(entities[place]!, timeMs),
  };
}

function known(kind: EntityKind, window: number): Feature {
  const { ms, suffix, words } = LABEL_WINDOWS[window]!;
  return {
    ...common,
    name: `${kind}_known_count_${suffix}`,
    entity: kind,
    windowMs: ms,
    unit: 'payments',
    formula: `payments ${FORMULA_KNOWN}`,
    whenEmpty: 0,
    description: `Payments of the ${ENTITY_WORDS[kind]} that became known in ${words}.`,
    cell: ({ views }) => ({ values: views[kind].known, at: window }),
    say: (value) => `${count(value, 'payment')} of this ${ENTITY_WORDS[kind]} became known in ${words}`,
  };
}

function run(kind: EntityKind): Feature {
  const place = placeOf(kind);
  return {
    ...common,
    name: `${kind}_fraud_run`,
    entity: kind,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'payments',
    formula: `known frauds with an event time after that of the newest payment known as genuine, among the ${RUN_LIMIT} labels known last in (t − 30d, t]`,
    whenEmpty: 0,
    description: `Frauds of the ${ENTITY_WORDS[kind]} in a row, as far as known.`,
    compute: ({ entities }) => entities[place]!.fraudRun,
    say: (value) =>
      value === 0
        ? `The newest payment known of this ${ENTITY_WORDS[kind]} was genuine`
        : `The last ${count(value, 'payment')} known of this ${ENTITY_WORDS[kind]} ${value === 1 ? 'was' : 'were'} fraud`,
  };
}

function ageOf(kind: EntityKind, what: 'fraud' | 'genuine', timeOf: (context: FeatureContext) => number): Feature {
  return {
    ...common,
    name: `${kind}_last_${what}_age_days`,
    entity: kind,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'days',
    formula: `t − event time of the newest payment known as ${what} in (t − 30d, t]; in tiles, silence counts from the end of the payment’s day`,
    whenEmpty: NaN,
    description: `Age of the ${ENTITY_WORDS[kind]}’s newest payment known as ${what}.`,
    compute: (context) => (context.timeMs - timeOf(context)) / DAY_MS,
    say: (value) =>
      `The newest payment known as ${what} of this ${ENTITY_WORDS[kind]} is ${span(Math.max(value, 0) * DAY_MS)} old`,
  };
}

function table(name: string, words: string, compute: (context: FeatureContext) => number): Feature {
  // prettier-ignore
  return {
    ...common,
    name,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'share',
    formula: `published fraud rate of the ${words}, smoothed; that of all payments for one not in the table`,
    whenEmpty: NaN,
    description: `Fraud rate of the ${words}, as last published.`,
    compute,
    say: (value) => `Fraud rate of the ${words}: ${round(value * 1000)} in 1,000`,
  };
}

export const RISK_FEATURES: readonly Feature[] = [
  risk('merchant', ONE_MONTH, 'merchant_risk_score'),
  ...[ONE_DAY, ONE_WEEK].map((window) => risk('merchant', window)),
  ...[ONE_DAY, ONE_WEEK, TWO_WEEKS, ONE_MONTH].map((window) => frauds('merchant', window)),
  ...[ONE_DAY, ONE_WEEK, ONE_MONTH].map((window) => known('merchant', window)),
  run('merchant'),
  ageOf('merchant', 'fraud', ({ views }) => views.merchant.lastFraudMs),
  ageOf('merchant', 'genuine', ({ views }) => views.merchant.lastGenuineMs),
  risk('user', ONE_MONTH),
  ...[ONE_WEEK, ONE_MONTH].map((window) => frauds('user', window)),
  run('user'),
  ageOf('user', 'fraud', ({ views }) => views.user.lastFraudMs),
  ageOf('user', 'genuine', ({ views }) => views.user.lastGenuineMs),
  recent('card'),
  recent('device'),
  recent('ip'),
  table('category_risk_score', 'merchant category', ({ entries }) => entries.merchant_category.risk),
  table('country_risk_score', 'country', ({ entries }) => entries.location_country.risk),
  table('device_type_risk_score', 'device type', ({ entries }) => entries.device_type.risk),
];
