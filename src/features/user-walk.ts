/** One walk back over a user's newest payments: what is usual for them, what is new, and how amounts spread. */
import { type AmountSpread, createAmountWalk } from './amount-walk.ts';
import { createDistinctCounter, type DistinctCounter } from './distinct.ts';
import { DAY, type EntityView, MONTH } from './entity-view.ts';
import { NO_PLACE, neighbourhood } from './place.ts';
import * as profile from './profile.ts';
import { USER_LANES } from './profile.ts';

/** Payments walked at most: the cost of a user with thousands stays bounded. */
export const WALK_LIMIT = 128;
/** What the payment itself names, as kept in the lanes; 0 and NO_PLACE for "not named". */
export interface PaymentLanes {
  merchant: number;
  device: number;
  ip: number;
  /** The country's letters in the low half, 16 bits of the category's hash in the high half. */
  context: number;
  place: number;
}

/** What the payments walked say: those of the last 30 days, at most WALK_LIMIT. */
export interface UserWalk extends AmountSpread {
  merchants24h: number;
  merchants30d: number;
  devices30d: number;
  ips24h: number;
  countries30d: number;
  /** Among the payments walked: those at this payment’s merchant, and in its category. */
  sameMerchant: number;
  sameCategory: number;
  /** Whether the payment's device, ip and country occur among them. */
  knownDevice: boolean;
  knownIp: boolean;
  knownCountry: boolean;
  /** The newest device and country named; 0 when none is. */
  lastDevice: number;
  lastCountry: number;
  /** The newest place named and its time; NO_PLACE when none is. */
  lastPlace: number;
  lastPlaceMs: number;
  /** The country and the place of most payments, by majority vote; 0 and NO_PLACE when none is named. */
  homeCountry: number;
  homePlace: number;
}

export interface UserWalker {
  readonly result: UserWalk;
  /** Walks the user's payments as the view has read them, and sets `result`. */
  walk(user: EntityView, payment: PaymentLanes, amountMinor: number): void;
}

const EMPTY: UserWalk = {
  length: 0,
  merchants24h: 0,
  merchants30d: 0,
  devices30d: 0,
  ips24h: 0,
  countries30d: 0,
  sameMerchant: 0,
  sameCategory: 0,
  sameAmount: 0,
  knownDevice: false,
  knownIp: false,
  knownCountry: false,
  lastDevice: 0,
  lastCountry: 0,
  lastPlace: NO_PLACE,
  lastPlaceMs: NaN,
  homeCountry: 0,
  homePlace: NO_PLACE,
  deviation7d: NaN,
  median: NaN,
  percentile95: NaN,
  largest: NaN,
  smaller: NaN,
  largest7d: NaN,
  large7d: 0,
};

export function createUserWalk(): UserWalker {
  const distinct = createDistinctCounter(WALK_LIMIT);
  const amounts = createAmountWalk(WALK_LIMIT);
  const result = { ...EMPTY };
  return {
    result,
    walk(user, payment, amountMinor) {
      const oldest = Math.max(user.from[MONTH]!, user.end - WALK_LIMIT);
      walkMerchants(user, oldest, payment.merchant, distinct, result);
      walkDevices(user, oldest, payment.device, distinct, result);
      walkIps(user, oldest, payment.ip, distinct, result);
      walkContexts(user, oldest, payment.context, distinct, result);
      walkPlaces(user, oldest, result);
      amounts(user, oldest, amountMinor, result);
    },
  };
}

/** Index of a lane of entry `entry` in the ints of the user's block; the entry before it lies `entryWords · 2` lower. */
function laneAt(user: EntityView, entry: number, lane: number): number {
  return profile.intsOf(user.cursor, entry) + profile.ENTRY_LANES + lane;
}

function walkMerchants(
  user: EntityView,
  oldest: number,
  merchant: number,
  distinct: DistinctCounter,
  out: UserWalk,
): void {
  // prettier-ignore
  const { ints, entryWords } = user.cursor;
  const from24h = user.from[DAY]!;
  let at = laneAt(user, user.end - 1, USER_LANES.merchant);
  let count = 0;
  let count24h = 0;
  let same = 0;
  let before = 0;
  distinct.clear();
  for (let i = user.end - 1; i >= oldest; i--, at -= entryWords * 2) {
    const value = ints[at]!;
    if (value === merchant) same++;
    if (value !== before && distinct.add(value)) count++;
    before = value;
    if (i === from24h) count24h = count;
  }
  out.sameMerchant = same;
  out.merchants30d = count;
  out.merchants24h = user.from[DAY]! >= oldest ? count24h : count;
}

function walkDevices(user: EntityView, oldest: number, device: number, distinct: DistinctCounter, out: UserWalk): void {
  const { ints, entryWords } = user.cursor;
  let at = laneAt(user, user.end - 1, USER_LANES.device);
  let count = 0;
  let last = 0;
  let before = 0;
  let known = false;
  distinct.clear();
  for (let i = user.end - 1; i >= oldest; i--, at -= entryWords * 2) {
    const value = ints[at]!;
    if (value === 0 || value === before) continue;
    if (last === 0) last = value;
    if (value === device) known = true;
    if (distinct.add(value)) count++;
    before = value;
  }
  out.devices30d = count;
  out.lastDevice = last;
  out.knownDevice = known;
}

function walkIps(user: EntityView, oldest: number, ip: number, distinct: DistinctCounter, out: UserWalk): void {
  const { ints, entryWords } = user.cursor;
  const from24h = user.from[DAY]!;
  let at = laneAt(user, user.end - 1, USER_LANES.ip);
  let count = 0;
  let before = 0;
  let known = false;
  distinct.clear();
  for (let i = user.end - 1; i >= oldest; i--, at -= entryWords * 2) {
    const value = ints[at]!;
    if (value === 0 || value === before) continue;
    if (value === ip) known = true;
    if (i >= from24h && distinct.add(value)) count++;
    before = value;
  }
  out.ips24h = count;
  out.knownIp = known;
}

/** Country and category share a lane. */
function walkContexts(
  user: EntityView,
  oldest: number,
  context: number,
  distinct: DistinctCounter,
  out: UserWalk,
): void {
  // prettier-ignore
  const { ints, entryWords } = user.cursor;
  const country = context & 0xffff;
  const category = context >>> 16;
  let at = laneAt(user, user.end - 1, USER_LANES.context);
  let count = 0;
  let last = 0;
  let home = 0;
  let votes = 0;
  let before = 0;
  let sameCategory = 0;
  let known = false;
  distinct.clear();
  for (let i = user.end - 1; i >= oldest; i--, at -= entryWords * 2) {
    const both = ints[at]!;
    if (both >>> 16 === category) sameCategory++;
    const value = both & 0xffff;
    if (value === 0) continue;
    if (last === 0) last = value;
    if (value === country) known = true;
    if (value !== before && distinct.add(value)) count++;
    before = value;
    // majority vote. Source: R. S. Boyer and J S. Moore, "MJRTY", 1981
    if (votes === 0) home = value;
    votes += value === home ? 1 : -1;
  }
  out.countries30d = count;
  out.lastCountry = last;
  out.knownCountry = known;
  out.homeCountry = home;
  out.sameCategory = sameCategory;
}

function walkPlaces(user: EntityView, oldest: number, out: UserWalk): void {
  const { ints, entryWords } = user.cursor;
  let at = laneAt(user, user.end - 1, USER_LANES.place);
  let home = NO_PLACE;
  let square = -1;
  let votes = 0;
  let last = -1;
  for (let i = user.end - 1; i >= oldest; i--, at -= entryWords * 2) {
    const value = ints[at]!;
    if (value === NO_PLACE) continue;
    if (last < 0) last = i;
    const around = neighbourhood(value);
    if (votes === 0) {
      home = value;
      square = around;
    }
    votes += around === square ? 1 : -1;
  }
  out.homePlace = home;
  out.lastPlace = last < 0 ? NO_PLACE : ints[laneAt(user, last, USER_LANES.place)]!;
  out.lastPlaceMs = last < 0 ? NaN : profile.timeOf(user.cursor, last);
}
