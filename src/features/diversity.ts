/** Features of spread: how many merchants, devices, countries a customer uses, and how many customers share an entity. */
import { type EntityKind } from '../domain/entity.ts';
import { type Feature, type FeatureContext, type FeatureGroup } from './context.ts';
import { createDistinctCounter, estimateDistinct } from './distinct.ts';
import { DAY, type EntityView, MONTH, WEEK, WINDOWS } from './entity-view.ts';
import { count } from './phrases.ts';
import * as profile from './profile.ts';
import { WALK_LIMIT } from './user-walk.ts';
import { ENTITY_WORDS } from './velocity.ts';

function ofUser(what: string, singular: string, window: number, plural = `${singular}s`): Feature {
  // prettier-ignore
  const { ms, suffix, words } = WINDOWS[window]!;
  return {
    name: `user_distinct_${what}_${suffix}`,
    family: 'diversity',
    entity: 'user',
    windowMs: ms,
    unit: what,
    formula: `distinct ${plural} among the customer’s newest ${WALK_LIMIT} payments with time in (t − ${suffix}, t]`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `How many ${plural} the customer used in ${words}.`,
    say: (value) => `${count(value, singular, plural)} in ${words}`,
  };
}

const users = createDistinctCounter(WALK_LIMIT);

/** Users of an exact profile's window, among its newest payments. */
function exactUsers(view: EntityView, window: number): number {
  const { cursor, end } = view;
  const { ints, entryWords } = cursor;
  const oldest = Math.max(view.from[window]!, end - WALK_LIMIT);
  if (end - oldest <= 1) return end - oldest;
  let at = profile.intsOf(cursor, oldest) + profile.ENTRY_LANES;
  const first = ints[at]!;
  let i = oldest + 1;
  while (i < end && ints[at + entryWords * 2] === first) {
    i++;
    at += entryWords * 2;
  }
  if (i === end) return 1;
  users.clear();
  users.add(first);
  let distinct = 1;
  for (; i < end; i++) {
    at += entryWords * 2;
    if (users.add(ints[at]!)) distinct++;
  }
  return distinct;
}

/** Users of a tiled profile's window, estimated from the bits they hit. */
function tiledUsers(view: EntityView, window: number): number {
  const { cursor, end } = view;
  let low = 0;
  let high = 0;
  const { ints, entryWords } = cursor;
  let at = profile.intsOf(cursor, view.from[window]!) + profile.TILE_USERS;
  for (let i = view.from[window]!; i < end; i++, at += entryWords * 2) {
    low |= ints[at]!;
    high |= ints[at + 1]!;
  }
  return estimateDistinct(low, high);
}

function sharedBy(kind: EntityKind, window: number): Feature {
  const { ms, suffix, words } = WINDOWS[window]!;
  const tiled = kind === 'ip' || kind === 'merchant';
  return {
    name: `${kind}_distinct_users_${suffix}`,
    family: 'diversity',
    entity: kind,
    windowMs: ms,
    unit: 'customers',
    formula: tiled
      ? `estimate from 64 bits hit by the customers in the tiles of ${kind}_txn_count_${suffix}, exact when windows are`
      : `distinct customers among the newest ${WALK_LIMIT} payments with time in (t − ${suffix}, t]`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `How many customers used the ${ENTITY_WORDS[kind]} in ${words}.`,
    say: (value) => `${count(value, 'customer')} used this ${ENTITY_WORDS[kind]} in ${words}`,
  };
}

export const DIVERSITY: FeatureGroup = {
  write,
  features: [
    ofUser('merchants', 'merchant', DAY),
    ofUser('merchants', 'merchant', MONTH),
    ofUser('devices', 'device', MONTH),
    ofUser('countries', 'country', MONTH, 'countries'),
    ofUser('ips', 'IP address', DAY, 'IP addresses'),
    sharedBy('card', MONTH),
    sharedBy('device', DAY),
    sharedBy('device', MONTH),
    sharedBy('ip', DAY),
    sharedBy('ip', WEEK),
    sharedBy('merchant', DAY),
  ],
};

/** NaN when the payment names no such entity. */
function usersOf(view: EntityView, window: number): number {
  if (!view.present) return NaN;
  return view.cursor.tiled ? tiledUsers(view, window) : exactUsers(view, window);
}

function write({ views, walk }: FeatureContext, out: Float64Array, at: number): void {
  out[at] = walk.merchants24h;
  out[at + 1] = walk.merchants30d;
  out[at + 2] = walk.devices30d;
  out[at + 3] = walk.countries30d;
  out[at + 4] = walk.ips24h;
  out[at + 5] = usersOf(views.card, MONTH);
  out[at + 6] = usersOf(views.device, DAY);
  out[at + 7] = usersOf(views.device, MONTH);
  out[at + 8] = usersOf(views.ip, DAY);
  out[at + 9] = usersOf(views.ip, WEEK);
  out[at + 10] = usersOf(views.merchant, DAY);
}
