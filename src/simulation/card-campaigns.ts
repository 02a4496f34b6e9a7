/** Campaigns against cards: stolen, tested, copied at a merchant, slowly drained. */
import { DAY_MS, HOUR_MS } from '../domain/time.ts';
import { exp } from '../stats/elementary.ts';
import { type Random } from '../stats/random.ts';
import { payableMinor, type World } from './draft.ts';
import { COUNTRIES, pickForeignCountry, type Place, placeNear } from './geography.ts';
import { aroundTown, usualAmountMinor } from './ordinary.ts';
import { type Plan, strangerOnline, timesWithin, victim } from './plan.ts';
import { type Category } from './vocabulary.ts';

const STOLEN_CATEGORIES = ['online_shopping', 'online_shopping', 'entertainment', 'travel', 'atm', 'grocery'] as const;
/** Logarithm of how many times the usual amount is taken: mean and spread. */
const STOLEN_EXCESS = { mean: 0.9, sigma: 0.5 };
const STOLEN_ONLINE_SHARE = 0.5;
/** Share of stolen cards used in the owner’s night, and its local hours. */
const AT_NIGHT_SHARE = 0.65;
const NIGHT = { fromHour: 22, hours: 8 };

function foreignPlace(home: Place, random: Random): Place {
  const country = pickForeignCountry(home.country, random.next());
  const city = random.integer(COUNTRIES[country]!.cities.length);
  return placeNear(country, city, 0.05 * random.normal(), 0.05 * random.normal());
}

/** The next moment from `fromMs` at which it is night at that longitude. */
function nextNight(fromMs: number, longitude: number, random: Random): number {
  const offsetMs = (longitude / 15) * HOUR_MS;
  const localMidnight = Math.floor((fromMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
  const at = localMidnight + (NIGHT.fromHour + NIGHT.hours * random.next()) * HOUR_MS;
  return at >= fromMs ? at : at + DAY_MS;
}

export const stolenCard: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population, merchants } = world;
  const person = population.person(victim(world, startMs, random));
  const place = foreignPlace(person.home, random);
  const thief = strangerOnline(random);
  const card = population.card(person.index, random.next());
  const firstMs = random.next() < AT_NIGHT_SHARE ? nextNight(startMs, person.home.longitude, random) : startMs;
  return {
    timesMs: timesWithin(firstMs, lengthMs, size, random),
    draftAt: () => {
      const category: Category = STOLEN_CATEGORIES[random.integer(STOLEN_CATEGORIES.length)]!;
      const online = category !== 'atm' && random.next() < STOLEN_ONLINE_SHARE;
      const merchant = merchants.pick(category, online ? undefined : place.country, random.next());
      const excess = exp(STOLEN_EXCESS.mean + STOLEN_EXCESS.sigma * random.normal());
      const draft = {
        person: person.index,
        merchantId: merchant.id,
        category,
        type: category === 'atm' ? ('withdrawal' as const) : ('purchase' as const),
        amountMinor: payableMinor(usualAmountMinor(person, category, merchant.priceLevel, random) * excess),
        card,
        place: online ? place : aroundTown(place, random),
      };
      return online ? { ...draft, online: thief } : draft;
    },
  };
};

const TESTED_MINOR = { least: 50, most: 500 };
const TESTED_MERCHANTS = 3;
/** Share of campaigns that try a list of cards; the others try one card again and again. */
const CARD_LIST_SHARE = 0.7;

export const cardTesting: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population, merchants } = world;
  const first = victim(world, startMs, random);
  const list = random.next() < CARD_LIST_SHARE;
  const place =
    random.next() < 0.5 ? population.person(first).home : foreignPlace(population.person(first).home, random);
  const bot = strangerOnline(random);
  const tested = Array.from({ length: 1 + random.integer(TESTED_MERCHANTS) }, () =>
    merchants.pick('subscription', undefined, random.next()),
  );
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: (atMs) => {
      const person = list ? victim(world, atMs, random) : first;
      return {
        person,
        merchantId: tested[random.integer(tested.length)]!.id,
        category: 'subscription',
        type: 'purchase',
        amountMinor: TESTED_MINOR.least + random.integer(TESTED_MINOR.most - TESTED_MINOR.least + 1),
        card: population.card(person, 0),
        place,
        online: bot,
      };
    },
  };
};

const COPIED_CATEGORIES = ['grocery', 'gas_station', 'restaurant', 'entertainment', 'healthcare'] as const;
const COPIED_EXCESS = { mean: 0.25, sigma: 0.3 };
/** People looked at to find one in the merchant’s country; the last is taken wherever they are. */
const VICTIM_TRIES = 400;

function someoneIn(world: World, country: number, random: Random): number {
  let index = random.integer(world.population.size);
  for (let tries = 0; tries < VICTIM_TRIES && world.population.country(index) !== country; tries++) {
    index = random.integer(world.population.size);
  }
  return index;
}

export const merchantCompromise: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population, merchants } = world;
  const category = COPIED_CATEGORIES[random.integer(COPIED_CATEGORIES.length)]!;
  const local = population.country(victim(world, startMs, random));
  // Few customers, so that most payments there are fraudulent meanwhile.
  const candidates = merchants.leastPopular(category, local);
  const merchant = candidates[random.integer(candidates.length)]!;
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: () => {
      const index = someoneIn(world, merchant.country, random);
      const person = population.person(index);
      const excess = exp(COPIED_EXCESS.mean + COPIED_EXCESS.sigma * random.normal());
      return {
        person: index,
        merchantId: merchant.id,
        category,
        type: 'purchase',
        amountMinor: payableMinor(usualAmountMinor(person, category, merchant.priceLevel, random) * excess),
        card: population.card(index, random.next()),
        place: aroundTown(person.home, random),
      };
    },
  };
};

const DRAINED_CARDS = { least: 3, most: 7 };
const DRAIN_MERCHANTS = 3;
const DRAIN_CATEGORIES = ['subscription', 'online_shopping', 'entertainment'] as const;
/** The first and the last amount, before the spread: minor units. */
const DRAIN_MINOR = { first: 400, last: 2_200 };
const DRAIN_SIGMA = 0.25;

export const lowValueDrift: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population, merchants } = world;
  const count = DRAINED_CARDS.least + random.integer(DRAINED_CARDS.most - DRAINED_CARDS.least + 1);
  const people = Array.from({ length: count }, () => victim(world, startMs, random));
  const place = population.person(people[0]!).home;
  const operator = strangerOnline(random);
  const shops = Array.from({ length: DRAIN_MERCHANTS }, () => {
    const category = DRAIN_CATEGORIES[random.integer(DRAIN_CATEGORIES.length)]!;
    return merchants.pick(category, undefined, random.next());
  });
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: (atMs) => {
      const person = people[random.integer(people.length)]!;
      const shop = shops[random.integer(shops.length)]!;
      const progress = (atMs - startMs) / lengthMs;
      const middle = DRAIN_MINOR.first + (DRAIN_MINOR.last - DRAIN_MINOR.first) * progress;
      return {
        person,
        merchantId: shop.id,
        category: shop.category,
        type: 'purchase',
        amountMinor: payableMinor(middle * exp(DRAIN_SIGMA * random.normal())),
        card: population.card(person, 0),
        place,
        online: operator,
      };
    },
  };
};
