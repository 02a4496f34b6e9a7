/** Features of pace: how many payments and how much money each entity saw in each window, and since when none. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { HOUR_MS, SECOND_MS } from '../domain/time.ts';
import { type Feature, type FeatureContext, type FeatureGroup, toMajor } from './context.ts';
import { DAY, HOUR, MONTH, WINDOWS } from './entity-view.ts';
import { count, round, sentenceCase, span } from './phrases.ts';
import { tileOfWindow } from './profile.ts';

export const ENTITY_WORDS = { user: 'customer', card: 'card', device: 'device', ip: 'IP address', merchant: 'merchant' } as const; // prettier-ignore

/** Windows of an hour, and of a day, in the window of 30 days. */
const HOURS_IN_MONTH = 720;
const DAYS_IN_MONTH = 30;

/** How a window is cut, for formulas. */
function windowFormula(kind: EntityKind, window: number): string {
  const { suffix, ms } = WINDOWS[window]!;
  const exact = `time in (t − ${suffix}, t]`;
  if (kind !== 'ip' && kind !== 'merchant') return exact;
  const tile = tileOfWindow(ms) / HOUR_MS;
  const words = tile < 1 ? '5-minute' : tile === 1 ? 'hour' : 'day';
  return `${exact}, in tiles from the start of the ${words} that holds t − ${suffix}`;
}

function payments(kind: EntityKind, window: number): Feature {
  const { ms, suffix, words } = WINDOWS[window]!;
  return {
    name: `${kind}_txn_count_${suffix}`,
    family: 'velocity',
    entity: kind,
    windowMs: ms,
    unit: 'payments',
    formula: `earlier payments of the ${ENTITY_WORDS[kind]} with ${windowFormula(kind, window)}`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `Payments of the ${ENTITY_WORDS[kind]} in ${words}.`,
    say: (value, { valueOf }) => {
      const monthly = valueOf(`${kind}_txn_count_30d`);
      const usual = window === MONTH || Number.isNaN(monthly) ? '' : `; usually ${round(monthly / 30)} a day`;
      const whose = kind === 'user' ? '' : ` with this ${ENTITY_WORDS[kind]}`;
      return `${count(value, 'payment')}${whose} in ${words}${usual}`;
    },
  };
}

function amounts(kind: EntityKind, window: number): Feature {
  const { ms, suffix, words } = WINDOWS[window]!;
  return {
    name: `${kind}_txn_amount_${suffix}`,
    family: 'velocity',
    entity: kind,
    windowMs: ms,
    unit: 'base currency',
    formula: `sum of earlier amounts of the ${ENTITY_WORDS[kind]} with ${windowFormula(kind, window)}`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `Money paid by the ${ENTITY_WORDS[kind]} in ${words}.`,
    say: (value, { money }) =>
      `${money(value)} paid ${kind === 'user' ? '' : `with this ${ENTITY_WORDS[kind]} `}in ${words}`,
  };
}

function sinceLast(kind: EntityKind): Feature {
  const name = kind === 'user' ? 'time_since_last_txn' : `${kind}_time_since_last_txn`;
  return {
    name,
    family: 'velocity',
    entity: kind,
    unit: 'seconds',
    formula: `t − time of the latest earlier payment of the ${ENTITY_WORDS[kind]}`,
    kind: 'numeric',
    whenEmpty: NaN,
    whenMissing: NaN,
    description: `Time since the ${ENTITY_WORDS[kind]} was last seen.`,
    say: (value) => sentenceCase(`${span(value * SECOND_MS)} since the ${ENTITY_WORDS[kind]}'s last payment`),
  };
}

/** The window's rate against the user's own over 30 days. */
function relativeRate(window: number, windowsInMonth: number): Feature {
  const { ms, suffix, words } = WINDOWS[window]!;
  return {
    name: `txn_velocity_${suffix}`,
    family: 'velocity',
    entity: 'user',
    windowMs: ms,
    unit: 'ratio',
    formula: `${windowsInMonth} × user_txn_count_${suffix} / user_txn_count_30d`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `Pace of ${words} against the customer's usual pace.`,
    say: (value) => `Paying ${round(value)} times as often as usual in ${words}`,
  };
}

export const VELOCITY: FeatureGroup = {
  write,
  features: [
    ...ENTITY_KINDS.flatMap((kind) => WINDOWS.map((_, window) => payments(kind, window))),
    ...WINDOWS.map((_, window) => amounts('user', window)),
    ...ENTITY_KINDS.filter((kind) => kind !== 'user').map((kind) => amounts(kind, DAY)),
    relativeRate(HOUR, HOURS_IN_MONTH),
    relativeRate(DAY, DAYS_IN_MONTH),
    ...ENTITY_KINDS.map(sinceLast),
  ],
};

function write({ entities, payments, views: { user }, timeMs }: FeatureContext, out: Float64Array, at: number): void {
  let next = at;
  for (let i = 0; i < payments.length; i++) out[next++] = payments[i]!;
  for (let w = 0; w < WINDOWS.length; w++) out[next++] = toMajor(user.amounts[w]!);
  for (let e = 1; e < entities.length; e++) out[next++] = toMajor(entities[e]!.amounts[DAY]!);
  const monthly = user.payments[MONTH]!;
  out[next++] = monthly === 0 ? 0 : (HOURS_IN_MONTH * user.payments[HOUR]!) / monthly;
  out[next++] = monthly === 0 ? 0 : (DAYS_IN_MONTH * user.payments[DAY]!) / monthly;
  for (let e = 0; e < entities.length; e++) out[next++] = (timeMs - entities[e]!.lastMs) / SECOND_MS;
}
