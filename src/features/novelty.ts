/** Features of what is new: device, country, IP address, merchant, category, and the age of each entity. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { DAY_MS } from '../domain/time.ts';
import { type Feature, type FeatureContext, type FeatureGroup } from './context.ts';
import { count, sentenceCase, span } from './phrases.ts';
import { WALK_LIMIT } from './user-walk.ts';
import { ENTITY_WORDS } from './velocity.ts';

const WALKED = `the customer’s newest ${WALK_LIMIT} payments of 30 days`;

interface Flag {
  readonly name: string;
  readonly formula: string;
  readonly description: string;
  readonly whenEmpty?: number;
  readonly yes: string;
  readonly no: string;
}

function flag({ yes, no, whenEmpty = 1, ...rest }: Flag): Feature {
  return {
    ...rest,
    family: 'novelty',
    entity: 'user',
    windowMs: 30 * DAY_MS,
    unit: 'flag',
    kind: 'numeric',
    whenEmpty,
    whenMissing: NaN,
    say: (value) => (value === 1 ? yes : no),
  };
}

function times(name: string, what: string): Feature {
  return {
    name,
    family: 'novelty',
    entity: 'user',
    windowMs: 30 * DAY_MS,
    unit: 'payments',
    formula: `payments ${what} among ${WALKED}`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `How often the customer has paid ${what}.`,
    say: (value) => `${count(value, 'earlier payment')} of the customer ${what}`,
  };
}

function age(kind: EntityKind): Feature {
  return {
    name: kind === 'user' ? 'account_age_days' : `${kind}_age_days`,
    family: 'novelty',
    entity: kind,
    unit: 'days',
    formula: `t − time of the first payment of the ${ENTITY_WORDS[kind]}`,
    kind: 'numeric',
    whenEmpty: 0,
    whenMissing: NaN,
    description: `How long the ${ENTITY_WORDS[kind]} has been known.`,
    say: (value) =>
      sentenceCase(value === 0 ? `${ENTITY_WORDS[kind]} never seen before` : `${ENTITY_WORDS[kind]} first seen ${span(value * DAY_MS)} ago`), // prettier-ignore
  };
}

export const NOVELTY: FeatureGroup = {
  write,
  features: [
    flag({
      name: 'device_change_flag',
      formula: `1 when the device differs from the newest one named among ${WALKED}, else 0`,
      description: 'Whether the device has changed since the last payment.',
      whenEmpty: 0,
      yes: 'Another device than at the last payment',
      no: 'The same device as at the last payment',
    }),
    flag({
      name: 'location_change_flag',
      formula: `1 when the country differs from the newest one named among ${WALKED}, else 0`,
      description: 'Whether the country has changed since the last payment.',
      whenEmpty: 0,
      yes: 'Another country than at the last payment',
      no: 'The same country as at the last payment',
    }),
    flag({
      name: 'is_new_merchant',
      formula: `1 when no payment at this merchant is among ${WALKED}, else 0`,
      description: 'Whether the customer has not paid this merchant before.',
      yes: 'First payment of the customer to this merchant',
      no: 'The customer has paid this merchant before',
    }),
    flag({
      name: 'is_new_category',
      formula: `1 when no payment in this merchant category is among ${WALKED}, else 0`,
      description: 'Whether the customer has not paid in this category before.',
      yes: 'First payment of the customer in this category',
      no: 'The customer has paid in this category before',
    }),
    flag({
      name: 'is_new_device',
      formula: `1 when no payment from this device is among ${WALKED}, else 0`,
      description: 'Whether the customer has not used this device before.',
      yes: 'A device the customer has not used before',
      no: 'A device the customer has used before',
    }),
    flag({
      name: 'is_new_country',
      formula: `1 when no payment from this country is among ${WALKED}, else 0`,
      description: 'Whether the customer has not paid from this country before.',
      yes: 'A country the customer has not paid from before',
      no: 'A country the customer has paid from before',
    }),
    flag({
      name: 'is_new_ip',
      formula: `1 when no payment from this IP address is among ${WALKED}, else 0`,
      description: 'Whether the customer has not used this IP address before.',
      yes: 'An IP address the customer has not used before',
      no: 'An IP address the customer has used before',
    }),
    times('user_merchant_txn_count_30d', 'to this merchant'),
    times('user_category_txn_count_30d', 'in this category'),
    ...ENTITY_KINDS.map(age),
  ],
};

/** 1 or 0; NaN when the payment lacks the field. */
const flagOf = (named: boolean, value: boolean): number => (named ? (value ? 1 : 0) : NaN);

function write({ entities, lanes, walk, timeMs }: FeatureContext, out: Float64Array, at: number): void {
  const { device, ip } = lanes;
  const country = lanes.context & 0xffff;
  out[at] = flagOf(device !== 0, walk.lastDevice !== 0 && walk.lastDevice !== device);
  out[at + 1] = flagOf(country !== 0, walk.lastCountry !== 0 && walk.lastCountry !== country);
  out[at + 2] = walk.sameMerchant === 0 ? 1 : 0;
  out[at + 3] = walk.sameCategory === 0 ? 1 : 0;
  out[at + 4] = flagOf(device !== 0, !walk.knownDevice);
  out[at + 5] = flagOf(country !== 0, !walk.knownCountry);
  out[at + 6] = flagOf(ip !== 0, !walk.knownIp);
  out[at + 7] = walk.sameMerchant;
  out[at + 8] = walk.sameCategory;
  for (let e = 0; e < entities.length; e++) {
    const { present, firstMs } = entities[e]!;
    if (!present) out[at + 9 + e] = NaN;
    else out[at + 9 + e] = firstMs !== firstMs ? 0 : (timeMs - firstMs) / DAY_MS;
  }
}
