/** Features of delayed labels: how much of what is known by now about an entity was fraud, and how lately. */
import { type EntityKind } from '../domain/entity.ts';
import { DAY_MS } from '../domain/time.ts';
import { type Feature, type FeatureContext, type FeatureGroup, toMajor } from './context.ts';
import { type EntityView, LABEL_WINDOWS, recentFrauds, RUN_LIMIT } from './entity-view.ts';
import { count, percent, round, span } from './phrases.ts';
import { SMOOTHING_WEIGHT, smoothedRate } from './slow-tables.ts';
import { ENTITY_WORDS } from './velocity.ts';

const [ONE_DAY, ONE_WEEK, TWO_WEEKS, ONE_MONTH] = [0, 1, 2, 3] as const;

const FORMULA_KNOWN = 'that became known in (t − window, t]: by a label, or by silence for the label delay';
const common = { family: 'risk', kind: 'numeric', whenMissing: NaN } as const;

function risk(kind: EntityKind, window: number, name?: string): Feature {
  const { ms, suffix, words } = LABEL_WINDOWS[window]!;
  return {
    ...common,
    name: name ?? `${kind}_risk_${suffix}`,
    entity: kind,
    windowMs: ms,
    unit: 'share',
    formula: `(frauds + ${SMOOTHING_WEIGHT}·p) / (payments + ${SMOOTHING_WEIGHT}) over payments ${FORMULA_KNOWN}; p the published rate of all payments`,
    whenEmpty: NaN,
    description: `Share of fraud among the ${ENTITY_WORDS[kind]}'s payments that became known in ${words}.`,
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
    say: (value) => `${count(value, 'fraud')} of this ${ENTITY_WORDS[kind]} became known in ${words}`,
  };
}

/** For entities whose rates are not asked for: frauds alone, without reading what silence made known. */
const recent = (kind: EntityKind): Feature => frauds(kind, ONE_MONTH);

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
    say: (value) => `${count(value, 'payment')} of this ${ENTITY_WORDS[kind]} became known in ${words}`,
  };
}

function run(kind: EntityKind): Feature {
  return {
    ...common,
    name: `${kind}_fraud_run`,
    entity: kind,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'payments',
    formula: `known frauds with an event time after that of the newest payment known as genuine, among the ${RUN_LIMIT} labels known last in (t − 30d, t]`,
    whenEmpty: 0,
    description: `Frauds of the ${ENTITY_WORDS[kind]} in a row, as far as known.`,
    say: (value) =>
      value === 0
        ? `The newest payment known of this ${ENTITY_WORDS[kind]} was genuine`
        : `The last ${count(value, 'payment')} known of this ${ENTITY_WORDS[kind]} ${value === 1 ? 'was' : 'were'} fraud`,
  };
}

function runAge(kind: EntityKind): Feature {
  return {
    ...common,
    name: `${kind}_fraud_run_age_days`,
    entity: kind,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'days',
    formula: `t − event time of the oldest fraud of ${kind}_fraud_run`,
    whenEmpty: NaN,
    description: `Since when payments of the ${ENTITY_WORDS[kind]} have been fraud without a genuine one, as far as known.`,
    say: (value) => `Frauds of this ${ENTITY_WORDS[kind]} began ${span(Math.max(value, 0) * DAY_MS)} ago`,
  };
}

function runAmount(kind: EntityKind): Feature {
  return {
    ...common,
    name: `${kind}_fraud_run_min_amount`,
    entity: kind,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'base currency',
    formula: `least amount of the frauds of ${kind}_fraud_run`,
    whenEmpty: NaN,
    description: `The smallest of those frauds: an ordinary amount says that the ${ENTITY_WORDS[kind]} is the cause, not the card.`,
    say: (value, { money }) => `The smallest of the last frauds of this ${ENTITY_WORDS[kind]} was ${money(value)}`,
  };
}

function ageOf(kind: EntityKind, what: 'fraud' | 'genuine'): Feature {
  return {
    ...common,
    name: `${kind}_last_${what}_age_days`,
    entity: kind,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'days',
    formula: `t − event time of the newest payment known as ${what} in (t − 30d, t]; in tiles, silence counts from the end of the payment’s day`,
    whenEmpty: NaN,
    description: `Age of the ${ENTITY_WORDS[kind]}'s newest payment known as ${what}.`,
    say: (value) =>
      `The newest payment known as ${what} of this ${ENTITY_WORDS[kind]} is ${span(Math.max(value, 0) * DAY_MS)} old`,
  };
}

function table(name: string, words: string): Feature {
  // prettier-ignore
  return {
    ...common,
    name,
    windowMs: LABEL_WINDOWS[ONE_MONTH].ms,
    unit: 'share',
    formula: `published fraud rate of the ${words}, smoothed; that of all payments for one not in the table`,
    whenEmpty: NaN,
    description: `Fraud rate of the ${words}, as last published.`,
    say: (value) => `Fraud rate of the ${words}: ${round(value * 1000)} in 1,000`,
  };
}

export const RISK: FeatureGroup = {
  write,
  features: [
    risk('merchant', ONE_MONTH, 'merchant_risk_score'),
    ...[ONE_DAY, ONE_WEEK].map((window) => risk('merchant', window)),
    ...[ONE_DAY, ONE_WEEK, TWO_WEEKS, ONE_MONTH].map((window) => frauds('merchant', window)),
    ...[ONE_DAY, ONE_WEEK, ONE_MONTH].map((window) => known('merchant', window)),
    run('merchant'),
    runAge('merchant'),
    runAmount('merchant'),
    ageOf('merchant', 'fraud'),
    ageOf('merchant', 'genuine'),
    risk('user', ONE_MONTH),
    ...[ONE_WEEK, ONE_MONTH].map((window) => frauds('user', window)),
    run('user'),
    ageOf('user', 'fraud'),
    ageOf('user', 'genuine'),
    recent('card'),
    recent('device'),
    recent('ip'),
    table('category_risk_score', 'merchant category'),
    table('country_risk_score', 'country'),
    table('device_type_risk_score', 'device type'),
  ],
};

const riskOf = ({ frauds, known }: EntityView, window: number, fraudRate: number): number =>
  smoothedRate(frauds[window]!, known[window]!, fraudRate);

function write(context: FeatureContext, out: Float64Array, at: number): void {
  const { timeMs, words } = context;
  const { user, merchant, card, device, ip } = context.views;
  const { fraudRate } = context.tables;
  out[at] = riskOf(merchant, ONE_MONTH, fraudRate);
  out[at + 1] = riskOf(merchant, ONE_DAY, fraudRate);
  out[at + 2] = riskOf(merchant, ONE_WEEK, fraudRate);
  out[at + 3] = merchant.frauds[ONE_DAY]!;
  out[at + 4] = merchant.frauds[ONE_WEEK]!;
  out[at + 5] = merchant.frauds[TWO_WEEKS]!;
  out[at + 6] = merchant.frauds[ONE_MONTH]!;
  out[at + 7] = merchant.known[ONE_DAY]!;
  out[at + 8] = merchant.known[ONE_WEEK]!;
  out[at + 9] = merchant.known[ONE_MONTH]!;
  out[at + 10] = merchant.fraudRun;
  out[at + 11] = (timeMs - merchant.fraudRunFromMs) / DAY_MS;
  out[at + 12] = toMajor(merchant.fraudRunLeastMinor);
  out[at + 13] = (timeMs - merchant.lastFraudMs) / DAY_MS;
  out[at + 14] = (timeMs - merchant.lastGenuineMs) / DAY_MS;
  out[at + 15] = riskOf(user, ONE_MONTH, fraudRate);
  out[at + 16] = user.frauds[ONE_WEEK]!;
  out[at + 17] = user.frauds[ONE_MONTH]!;
  out[at + 18] = user.fraudRun;
  out[at + 19] = (timeMs - user.lastFraudMs) / DAY_MS;
  out[at + 20] = (timeMs - user.lastGenuineMs) / DAY_MS;
  out[at + 21] = recentFrauds(card, timeMs);
  out[at + 22] = recentFrauds(device, timeMs);
  out[at + 23] = recentFrauds(ip, timeMs);
  out[at + 24] = words.merchant_category.entry.risk;
  out[at + 25] = words.location_country.entry.risk;
  out[at + 26] = words.device_type.entry.risk;
}
