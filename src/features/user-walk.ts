/** One walk back over a user's newest payments: what is usual for them, what is new, and how amounts spread. */
import { createDistinctCounter } from './distinct.ts';
import { DAY, type EntityView, MONTH, WEEK } from './entity-view.ts';
import { NO_PLACE, neighbourhood } from './place.ts';
import * as profile from './profile.ts';
import { USER_LANES } from './profile.ts';

/** Payments walked at most: the cost of a user with thousands stays bounded. */
export const WALK_LIMIT = 128;
/** Payments whose amounts give median and percentile. */
export const AMOUNT_LIMIT = 64;
/** The 95th percentile, nearest rank, of n ≤ 64 amounts is one of the four largest. */
const LARGEST = 4;

/** What the payment itself names, as kept in the lanes; 0 and NO_PLACE for "not named". */
export interface PaymentLanes {
  merchant: number;
  device: number;
  ip: number;
  /** The country's letters in the low half, 16 bits of the category's hash in the high half. */
  context: number;
  place: number;
}

export interface UserWalk {
  /** Payments walked: those of the last 30 days, at most WALK_LIMIT. */
  length: number;
  merchants24h: number;
  merchants30d: number;
  devices30d: number;
  ips24h: number;
  countries30d: number;
  /** Among the payments walked: those at this payment's merchant, in its category, and at the same minor units. */
  sameMerchant: number;
  sameCategory: number;
  sameAmount: number;
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
  /** Minor units; NaN when there is no payment: deviation (population) in 7 days, and median, 95th percentile, largest. */
  deviation7d: number;
  median: number;
  percentile95: number;
  largest: number;
  /** Share of payments of smaller amount than this one. */
  smaller: number;
}

export function createUserWalk(): {
  readonly result: UserWalk;
  walk(user: EntityView, payment: PaymentLanes, amountMinor: number): void;
} {
  const merchants = createDistinctCounter(WALK_LIMIT);
  const devices = createDistinctCounter(WALK_LIMIT);
  const ips = createDistinctCounter(WALK_LIMIT);
  const countries = createDistinctCounter(WALK_LIMIT);
  const amounts = new Float64Array(WALK_LIMIT);
  const sorted = new Float64Array(AMOUNT_LIMIT);
  const top = new Float64Array(LARGEST);
  const result: UserWalk = {
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
  };

  const walkLanes = (user: EntityView, payment: PaymentLanes, oldest: number): void => {
    const { cursor, end } = user;
    const { ints } = cursor;
    const from24h = Math.max(user.from[DAY]!, oldest);
    const country = payment.context & 0xffff;
    const category = payment.context >>> 16;
    let merchantCount = 0;
    let deviceCount = 0;
    let ipCount = 0;
    let countryCount = 0;
    let homeVotes = 0;
    let placeVotes = 0;
    let homeSquare = -1;
    let beforeMerchant = 0;
    let beforeDevice = 0;
    let beforeIp = 0;
    let beforeCountry = 0;
    result.sameMerchant = 0;
    result.sameCategory = 0;
    result.knownDevice = false;
    result.knownIp = false;
    result.knownCountry = false;
    result.lastDevice = 0;
    result.lastCountry = 0;
    result.lastPlace = NO_PLACE;
    result.lastPlaceMs = NaN;
    result.homeCountry = 0;
    result.homePlace = NO_PLACE;
    result.merchants24h = 0;
    result.ips24h = 0;
    for (let i = end - 1; i >= oldest; i--) {
      const lanes = profile.intsOf(cursor, i) + profile.ENTRY_LANES;
      const merchant = ints[lanes + USER_LANES.merchant]!;
      const device = ints[lanes + USER_LANES.device]!;
      const ip = ints[lanes + USER_LANES.ip]!;
      const context = ints[lanes + USER_LANES.context]!;
      const place = ints[lanes + USER_LANES.place]!;
      if (merchant !== beforeMerchant && merchants.add(merchant)) merchantCount++;
      beforeMerchant = merchant;
      if (merchant === payment.merchant) result.sameMerchant++;
      if (context >>> 16 === category) result.sameCategory++;
      if (device !== 0) {
        if (device !== beforeDevice && devices.add(device)) deviceCount++;
        beforeDevice = device;
        if (result.lastDevice === 0) result.lastDevice = device;
        if (device === payment.device) result.knownDevice = true;
      }
      if (ip !== 0 && i >= from24h) {
        if (ip !== beforeIp && ips.add(ip)) ipCount++;
        beforeIp = ip;
      }
      if (ip !== 0 && ip === payment.ip) result.knownIp = true;
      const entryCountry = context & 0xffff;
      if (entryCountry !== 0) {
        if (entryCountry !== beforeCountry && countries.add(entryCountry)) countryCount++;
        beforeCountry = entryCountry;
        if (result.lastCountry === 0) result.lastCountry = entryCountry;
        if (entryCountry === country) result.knownCountry = true;
        // majority vote. Source: R. S. Boyer and J S. Moore, "MJRTY", 1981
        if (homeVotes === 0) result.homeCountry = entryCountry;
        homeVotes += entryCountry === result.homeCountry ? 1 : -1;
      }
      if (place !== NO_PLACE) {
        if (result.lastPlace === NO_PLACE) {
          result.lastPlace = place;
          result.lastPlaceMs = profile.timeOf(cursor, i);
        }
        const square = neighbourhood(place);
        if (placeVotes === 0) {
          homeSquare = square;
          result.homePlace = place;
        }
        placeVotes += square === homeSquare ? 1 : -1;
      }
      if (i === from24h) {
        result.merchants24h = merchantCount;
        result.ips24h = ipCount;
      }
    }
    result.merchants30d = merchantCount;
    result.devices30d = deviceCount;
    result.countries30d = countryCount;
  };

  const walkAmounts = (user: EntityView, oldest: number, amountMinor: number): void => {
    const { cursor, end } = user;
    const { doubles } = cursor;
    const length = end - oldest;
    const from7d = Math.max(user.from[WEEK]!, oldest);
    result.length = length;
    result.sameAmount = 0;
    if (length === 0) {
      result.deviation7d = NaN;
      result.median = NaN;
      result.percentile95 = NaN;
      result.largest = NaN;
      result.smaller = NaN;
      return;
    }
    const floor = profile.amountBefore(cursor, oldest);
    const at = cursor.entries + profile.ENTRY_AMOUNT;
    let upTo = doubles[at + (end - 1) * cursor.entryWords]!;
    let smaller = 0;
    let largest = 0;
    for (let k = 0; k < length; k++) {
      const i = end - 1 - k;
      const before = i === oldest ? floor : doubles[at + (i - 1) * cursor.entryWords]!;
      const amount = upTo - before;
      upTo = before;
      amounts[k] = amount;
      if (amount < amountMinor) smaller++;
      else if (amount === amountMinor) result.sameAmount++;
      if (amount > largest) largest = amount;
    }
    result.largest = largest;
    result.smaller = smaller / length;
    result.deviation7d = deviation(amounts, end - from7d);
    const taken = Math.min(length, AMOUNT_LIMIT);
    result.percentile95 = percentile95(amounts, taken, top);
    for (let k = 0; k < taken; k++) sorted[k] = amounts[k]!;
    result.median = median(sorted, taken);
  };

  return {
    result,
    walk(user, payment, amountMinor) {
      merchants.clear();
      devices.clear();
      ips.clear();
      countries.clear();
      const oldest = Math.max(user.from[MONTH]!, user.end - WALK_LIMIT);
      walkLanes(user, payment, oldest);
      walkAmounts(user, oldest, amountMinor);
    },
  };
}

/** Population standard deviation of the first `length` values; NaN for none. */
function deviation(values: Float64Array, length: number): number {
  if (length === 0) return NaN;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += values[i]!;
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (values[i]! - mean) * (values[i]! - mean);
  return Math.sqrt(squares / length);
}

/** The ⌈0.95·n⌉-th smallest of the first n ≤ 64 values. */
function percentile95(values: Float64Array, length: number, top: Float64Array): number {
  const rank = length - Math.ceil(0.95 * length); // 0 the largest .. 3
  for (let k = 0; k <= rank; k++) top[k] = -1;
  for (let i = 0; i < length; i++) {
    let value = values[i]!;
    if (value <= top[rank]!) continue;
    for (let k = 0; k <= rank; k++) {
      const held = top[k]!;
      if (value > held) {
        top[k] = value;
        value = held;
      }
    }
  }
  return top[rank]!;
}

/** The lower median of the first `length` values, which it reorders. Source: C. A. R. Hoare, "FIND", 1961. */
function median(values: Float64Array, length: number): number {
  const k = (length - 1) >> 1;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const held = values[i]!;
        values[i++] = values[j]!;
        values[j--] = held;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}
