/** Campaigns with accounts: taken over, run up and left, lent to a ring, used to claim refunds. */
import { exp } from '../stats/elementary.ts';
import { type Random } from '../stats/random.ts';
import { payableMinor, type World } from './draft.ts';
import { COUNTRIES, pickCountry, type Place, placeNear } from './geography.ts';
import { ownOnline, payeeOf, usualAmountMinor, usualMerchant, usualTransferMinor } from './ordinary.ts';
import { type Plan, strangerOnline, timesWithin, victim } from './plan.ts';

type Payee = ReturnType<typeof payeeOf>;

/** Accounts opened to receive stolen money; they look like anybody’s. */
function mulePayees(world: World, count: number, random: Random): readonly Payee[] {
  return Array.from({ length: count }, () => payeeOf(world.population.seed, random.integer(world.population.size)));
}

const TAKEOVER_EXCESS = { mean: 1, sigma: 0.45 };
const TAKEOVER_TRANSFER_SHARE = 0.8;
/** Share of intruders who sign in from the customer’s own country. */
const SAME_COUNTRY_SHARE = 0.5;

function intruderPlace(home: Place, random: Random): Place {
  const country = random.next() < SAME_COUNTRY_SHARE ? home.country : pickCountry(random.next());
  return placeNear(
    country,
    random.integer(COUNTRIES[country]!.cities.length),
    0.1 * random.normal(),
    0.1 * random.normal(),
  );
}

export const accountTakeover: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population, merchants } = world;
  const person = population.person(victim(world, startMs, random));
  const place = intruderPlace(person.home, random);
  const online = strangerOnline(random);
  const payees = mulePayees(world, 2, random);
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: () => {
      const excess = exp(TAKEOVER_EXCESS.mean + TAKEOVER_EXCESS.sigma * random.normal());
      const common = { person: person.index, card: population.card(person.index, 0), place, online };
      if (random.next() < TAKEOVER_TRANSFER_SHARE) {
        const { id, category } = payees[random.integer(payees.length)]!;
        const amountMinor = payableMinor(usualTransferMinor(person, random) * excess);
        return { ...common, merchantId: id, category, type: 'transfer', amountMinor };
      }
      const shop = merchants.pick('online_shopping', undefined, random.next());
      const amountMinor = payableMinor(usualAmountMinor(person, shop.category, shop.priceLevel, random) * excess);
      return { ...common, merchantId: shop.id, category: shop.category, type: 'purchase', amountMinor };
    },
  };
};

const BUST_OUT_CATEGORIES = ['online_shopping', 'online_shopping', 'travel', 'entertainment'] as const;
const BUST_OUT_EXCESS = { mean: 1.2, sigma: 0.45 };

export const bustOut: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population } = world;
  const person = population.person(victim(world, startMs, random));
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: (atMs) => {
      const category = BUST_OUT_CATEGORIES[random.integer(BUST_OUT_CATEGORIES.length)]!;
      const merchant = usualMerchant(world, person, category, undefined, random);
      const excess = exp(BUST_OUT_EXCESS.mean + BUST_OUT_EXCESS.sigma * random.normal());
      return {
        person: person.index,
        merchantId: merchant.id,
        category,
        type: 'purchase',
        amountMinor: payableMinor(usualAmountMinor(person, category, merchant.priceLevel, random) * excess),
        card: population.card(person.index, random.next()),
        place: person.home,
        online: ownOnline(world, person, atMs, person.home, random),
      };
    },
  };
};

const RING_MEMBERS = { least: 5, most: 9 };
const RING_PAYEES = 3;
const RING_EXCESS = { mean: 0.3, sigma: 0.3 };

export const muleRing: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population } = world;
  const count = RING_MEMBERS.least + random.integer(RING_MEMBERS.most - RING_MEMBERS.least + 1);
  const members = Array.from({ length: count }, () => population.person(random.integer(population.size)));
  const place = members[0]!.home;
  const online = strangerOnline(random);
  const payees = mulePayees(world, RING_PAYEES, random);
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: () => {
      const person = members[random.integer(members.length)]!;
      const { id, category } = payees[random.integer(payees.length)]!;
      const excess = exp(RING_EXCESS.mean + RING_EXCESS.sigma * random.normal());
      return {
        person: person.index,
        merchantId: id,
        category,
        type: 'transfer',
        amountMinor: payableMinor(usualTransferMinor(person, random) * excess),
        card: population.card(person.index, 0),
        place,
        online,
      };
    },
  };
};

const REFUND_SHOPS = 2;
const REFUND_EXCESS = { mean: 0.4, sigma: 0.35 };

export const refundAbuse: Plan = (world, random, { startMs, lengthMs, size }) => {
  const { population, merchants } = world;
  const person = population.person(victim(world, startMs, random));
  const shops = Array.from({ length: REFUND_SHOPS }, () => merchants.pick('online_shopping', undefined, random.next()));
  return {
    timesMs: timesWithin(startMs, lengthMs, size, random),
    draftAt: (atMs) => {
      const shop = shops[random.integer(shops.length)]!;
      const excess = exp(REFUND_EXCESS.mean + REFUND_EXCESS.sigma * random.normal());
      return {
        person: person.index,
        merchantId: shop.id,
        category: shop.category,
        type: 'refund',
        amountMinor: payableMinor(usualAmountMinor(person, shop.category, shop.priceLevel, random) * excess),
        card: population.card(person.index, 0),
        place: person.home,
        online: ownOnline(world, person, atMs, person.home, random),
      };
    },
  };
};
