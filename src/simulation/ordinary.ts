/** What honest people pay: at their favourite places, from their devices, by their means, sometimes abroad. */
import { HOUR_MS } from '../domain/time.ts';
import { exp } from '../stats/elementary.ts';
import { type Random } from '../stats/random.ts';
import { cumulative, deriveBits, deriveUnit, pickIndex } from './derive.ts';
import { type Draft, payableMinor, type World } from './draft.ts';
import { type Place, placeNear } from './geography.ts';
import { type Merchant } from './merchants.ts';
import { ipText, type Person } from './population.ts';
import { CATEGORIES, type Category, SPENDING, type TransactionType } from './vocabulary.ts';

const CATEGORY_TOTALS = cumulative(CATEGORIES.map((name) => SPENDING[name].share));
const TRAVELLING_TOTALS = cumulative([8, 6, 34, 8, 14, 22, 0, 0, 2, 6]);
const WITHDRAWAL_SHARE = 0.06;
const TRANSFER_SHARE = 0.07;
const REFUND_SHARE = 0.025;
const REFUND_CATEGORIES = ['online_shopping', 'entertainment', 'travel', 'healthcare'] as const;

/** A person’s places of each kind, and how often they go to one of them. */
const FAVOURITES = 4;
const FAVOURITE_SHARE = 0.8;
const PAYEES = 3;
const USUAL_PAYEE_SHARE = 0.85;
const TRAIT = { favourite: 101, payee: 201, mobileIp: 301 } as const;

/** Withdrawals are multiples of this, minor units. */
const BANKNOTE_MINOR = 2_000;
const TRANSFER_MEDIAN_MINOR = 22_000;
const TRANSFER_SIGMA = 0.9;
/** Share of subscriptions that are small purchases within an app, and what they cost. */
const IN_APP_SHARE = 0.4;
const IN_APP_MINOR = { least: 50, most: 600 };
/** Now and then something big is bought: a share of payments, and how many times the usual amount. */
const SPLURGE_SHARE = 0.03;
const SPLURGE_FACTOR = { least: 2, most: 7 };
/** Nobody pays while they are under way; before and after a trip. */
const JOURNEY_MS = 14 * HOUR_MS;
const MOBILE_NETWORK_SHARE = 0.35;
/** Addresses that the mobile customers of one country share. */
const MOBILE_IPS = 400;
const CITY_SPREAD_DEGREES = 0.03;

/** What a person usually pays in a category, minor units, drawn around their own level. */
export function usualAmountMinor(person: Person, category: Category, priceLevel: number, random: Random): number {
  const { medianMinor, sigma } = SPENDING[category];
  return medianMinor * person.spendingLevel * priceLevel * exp(sigma * random.normal());
}

export function usualTransferMinor(person: Person, random: Random): number {
  return TRANSFER_MEDIAN_MINOR * person.spendingLevel * exp(TRANSFER_SIGMA * random.normal());
}

/** Where someone is paid: an account that looks like any merchant. */
export function payeeOf(seed: number, index: number): { readonly id: string; readonly category: Category } {
  const bits = deriveBits(seed, index, TRAIT.payee);
  const category = bits % 10 < 5 ? 'utilities' : bits % 10 < 8 ? 'online_shopping' : 'healthcare';
  return { id: `m${1_000_000 + index}`, category };
}

/** One of the person’s favourites in the category, or another place for a share of payments. */
export function usualMerchant(
  world: World,
  person: Person,
  category: Category,
  country: number | undefined,
  random: Random,
): Merchant {
  const draw = random.next();
  if (random.next() >= FAVOURITE_SHARE || (country !== undefined && country !== person.home.country)) {
    return world.merchants.pick(category, country, draw);
  }
  const slot = Math.floor(draw * draw * FAVOURITES);
  const trait = TRAIT.favourite + CATEGORIES.indexOf(category) * FAVOURITES + slot;
  const liking = deriveUnit(world.population.seed, person.index, trait);
  return world.merchants.pick(category, country, liking * liking); // popular ones are more people’s favourites
}

/** The means of someone paying online from where they are. */
export function ownOnline(
  world: World,
  person: Person,
  atMs: number,
  place: Place,
  random: Random,
): NonNullable<Draft['online']> {
  const { population } = world;
  const away = place.country !== person.home.country;
  const device = population.device(person.index, atMs, away ? 0 : random.next());
  const onMobileNetwork = away || (device.type === 'mobile' && random.next() < MOBILE_NETWORK_SHARE);
  const ip = onMobileNetwork
    ? ipText(deriveBits(population.seed, place.country * MOBILE_IPS + random.integer(MOBILE_IPS), TRAIT.mobileIp))
    : population.homeIp(person.index, atMs);
  return { device, ip, emailDomain: person.emailDomain };
}

/** A shop in the same city. */
export function aroundTown(place: Place, random: Random): Place {
  return placeNear(
    place.country,
    place.city,
    CITY_SPREAD_DEGREES * random.normal(),
    CITY_SPREAD_DEGREES * random.normal(),
  );
}

/** Where the person is: at home, on a trip, or undefined on the way. */
function whereabouts(world: World, person: Person, atMs: number): Place | undefined {
  const trip = world.population.trip(person.index, atMs);
  if (trip === undefined || atMs < trip.startMs - JOURNEY_MS || atMs >= trip.endMs + JOURNEY_MS) return person.home;
  return atMs >= trip.startMs && atMs < trip.endMs ? trip.place : undefined;
}

function transfer(world: World, person: Person, atMs: number, place: Place, random: Random): Draft {
  const { population } = world;
  const usual = random.next() < USUAL_PAYEE_SHARE;
  const payee = usual
    ? deriveBits(population.seed, person.index, TRAIT.payee + 1 + random.integer(PAYEES)) % population.size
    : random.integer(population.size);
  const { id, category } = payeeOf(population.seed, payee);
  return {
    person: person.index,
    merchantId: id,
    category,
    type: 'transfer',
    amountMinor: payableMinor(usualTransferMinor(person, random)),
    card: population.card(person.index, 0),
    place,
    online: ownOnline(world, person, atMs, place, random),
  };
}

function amountOf(person: Person, category: Category, merchant: Merchant, random: Random): number {
  if (category === 'subscription' && random.next() < IN_APP_SHARE) {
    return IN_APP_MINOR.least + random.integer(IN_APP_MINOR.most - IN_APP_MINOR.least);
  }
  const usual = usualAmountMinor(person, category, merchant.priceLevel, random);
  if (category === 'atm') return Math.max(1, Math.round(usual / BANKNOTE_MINOR)) * BANKNOTE_MINOR;
  if (random.next() >= SPLURGE_SHARE) return usual;
  return usual * (SPLURGE_FACTOR.least + (SPLURGE_FACTOR.most - SPLURGE_FACTOR.least) * random.next());
}

function atMerchant(
  world: World,
  person: Person,
  atMs: number,
  place: Place,
  type: TransactionType,
  category: Category,
  random: Random,
): Draft {
  const online = random.next() < SPENDING[category].online;
  // Shops in the street are where the person is; online they may be anywhere.
  const merchant = usualMerchant(world, person, category, online ? undefined : place.country, random);
  const draft = {
    person: person.index,
    merchantId: merchant.id,
    category,
    type,
    amountMinor: payableMinor(amountOf(person, category, merchant, random)),
    card: world.population.card(person.index, random.next()),
    place: online ? place : aroundTown(place, random),
  };
  return online ? { ...draft, online: ownOnline(world, person, atMs, place, random) } : draft;
}

/** An ordinary payment of that person at that moment; undefined while they are travelling. */
export function ordinaryPayment(world: World, index: number, atMs: number, random: Random): Draft | undefined {
  const person = world.population.person(index);
  const place = whereabouts(world, person, atMs);
  if (place === undefined) return undefined;
  const draw = random.next();
  if (draw < TRANSFER_SHARE) return transfer(world, person, atMs, place, random);
  if (draw < TRANSFER_SHARE + WITHDRAWAL_SHARE)
    return atMerchant(world, person, atMs, place, 'withdrawal', 'atm', random);
  if (draw < TRANSFER_SHARE + WITHDRAWAL_SHARE + REFUND_SHARE) {
    const category = REFUND_CATEGORIES[random.integer(REFUND_CATEGORIES.length)]!;
    return atMerchant(world, person, atMs, place, 'refund', category, random);
  }
  const away = place.country !== person.home.country;
  const category = CATEGORIES[pickIndex(away ? TRAVELLING_TOTALS : CATEGORY_TOTALS, random.next())]!;
  return atMerchant(world, person, atMs, place, 'purchase', category, random);
}
