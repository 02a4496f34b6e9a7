/** Simulated people: everything lasting about them follows from the seed and their number, so nothing is stored. */
import { DAY_MS } from '../domain/time.ts';
import { exp } from '../stats/elementary.ts';
import { cumulative, deriveBits, deriveInteger, deriveNormal, deriveUnit, pickIndex } from './derive.ts';
import { COUNTRIES, pickCountry, pickForeignCountry, type Place, placeNear } from './geography.ts';
import { CARD_TYPES, type CardType, type DeviceType, EMAIL_DOMAINS } from './vocabulary.ts';

export interface Card {
  readonly id: string;
  readonly type: CardType;
  readonly lastFour: string;
}

export interface Device {
  readonly id: string;
  readonly type: DeviceType;
}

export interface Person {
  readonly index: number;
  readonly home: Place;
  /** Their spending against the average. */
  readonly spendingLevel: number;
  readonly emailDomain: string;
}

/** When someone is away from home; epoch milliseconds. */
export interface Trip {
  readonly startMs: number;
  readonly endMs: number;
  readonly place: Place;
}

export interface Population {
  readonly size: number;
  readonly seed: number;
  person(index: number): Person;
  /** Where they live, as an index of COUNTRIES. */
  country(index: number): number;
  /** Cards 0 and, for some, 1: `unit` chooses. */
  card(index: number, unit: number): Card;
  /** One of the devices in use at that time; phones are replaced now and then. */
  device(index: number, atMs: number, unit: number): Device;
  /** The household's address at that time. */
  homeIp(index: number, atMs: number): string;
  /** The trip of the current period, if there is one. */
  trip(index: number, atMs: number): Trip | undefined;
  /** Whether this person pays at this moment, as a probability in 0..1 relative to the busiest person and moment. */
  eagerness(index: number, atMs: number): number;
}

const TRAIT = {
  country: 11, city: 12, north: 13, east: 14, level: 15, email: 16, cards: 17, cardType: 18, lastFour: 19, devices: 20,
  phone: 21, household: 22, ip: 23, trip: 24, tripStart: 25, tripDays: 26, tripCountry: 27, tripCity: 28, activity: 29,
  rhythm: 30, payday: 31, cardId: 32, deviceId: 33,
} as const; // prettier-ignore

const HOME_SPREAD_DEGREES = 0.1;
const SPENDING_SIGMA = 0.5;
const CARD_TYPE_TOTALS = cumulative([45, 35, 12, 8]);
const EMAIL_TOTALS = cumulative([40, 20, 15, 14, 6, 5]);
const SECOND_CARD_SHARE = 0.35;
const DESKTOP_SHARE = 0.6;
const TABLET_SHARE = 0.25;
/** A phone serves between these many days. */
const PHONE_DAYS = { least: 250, most: 700 };
/** Two neighbouring numbers share a household this often: one address, one desktop. */
const HOUSEHOLD_SHARE = 0.15;
/** Providers give a home another address after about this long. */
const HOME_IP_DAYS = 40;
const TRIP_PERIOD_DAYS = 50;
const TRIP_SHARE = 0.2;
const TRIP_DAYS = { least: 3, most: 10 };
/** Activity of the laziest against the busiest. */
const LEAST_ACTIVITY = 0.12;

/** Payments by local hour, the busiest 1. */
const HOURLY = [0.1, 0.06, 0.04, 0.03, 0.04, 0.08, 0.2, 0.38, 0.5, 0.56, 0.62, 0.75, 0.95, 0.85, 0.7, 0.68, 0.76, 0.92, 1, 0.94, 0.8, 0.62, 0.4, 0.2]; // prettier-ignore
/** From Sunday; the busiest 1. */
const DAILY = [0.75, 0.72, 0.74, 0.78, 0.84, 1, 0.97];
/** By days since the salary came; later days as the last. */
const AFTER_PAYDAY = [1, 0.95, 0.85, 0.75, 0.7];
const EPOCH_WEEKDAY = 4;
const MONTH_DAYS = 30;
const HOUR_MS = DAY_MS / 24;

/** Dotted quad of 32 bits, kept out of the private and reserved first octets. */
export function ipText(bits: number): string {
  const first = 20 + ((bits >>> 24) % 90);
  return `${first}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

/** Two base-36 digits for each 10 bits. */
const SYLLABLES = Array.from({ length: 1_024 }, (_, bits) => bits.toString(36).padStart(2, '0'));

/** An opaque id of a kind, alike for honest and fraudulent ones: the kind and 12 digits for 60 bits. */
export function opaqueId(prefix: string, high: number, low: number): string {
  const front = SYLLABLES[high & 1023]! + SYLLABLES[(high >>> 10) & 1023]! + SYLLABLES[(high >>> 20) & 1023]!;
  return prefix + front + SYLLABLES[low & 1023]! + SYLLABLES[(low >>> 10) & 1023]! + SYLLABLES[(low >>> 20) & 1023]!;
}

export function personId(index: number): string {
  return `u${index}`;
}

export function createPopulation(seed: number, size: number): Population {
  const unit = (index: number, trait: number): number => deriveUnit(seed, index, trait);
  const countryOf = (index: number): number => pickCountry(unit(index, TRAIT.country));
  const householdOf = (index: number): number =>
    unit(index >> 1, TRAIT.household) < HOUSEHOLD_SHARE ? index & ~1 : index;

  function deviceId(owner: number, slot: number, generation: number): string {
    const trait = TRAIT.deviceId + slot * 7_919 + generation * 104_729;
    return opaqueId('d', deriveBits(seed, owner, trait), deriveBits(seed, owner, trait + 1));
  }

  function device(index: number, atMs: number, choice: number): Device {
    const household = householdOf(index);
    const hasDesktop = unit(household, TRAIT.devices) < DESKTOP_SHARE;
    if (hasDesktop && choice >= 0.7) return { id: deviceId(household, 1, 0), type: 'desktop' };
    if (choice >= 0.55 && unit(index, TRAIT.devices + 500) < TABLET_SHARE) {
      return { id: deviceId(index, 2, 0), type: 'tablet' };
    }
    const days = PHONE_DAYS.least + unit(index, TRAIT.phone) * (PHONE_DAYS.most - PHONE_DAYS.least);
    const generation = Math.floor(atMs / (days * DAY_MS) + unit(index, TRAIT.phone + 500));
    return { id: deviceId(index, 0, generation), type: 'mobile' };
  }

  function trip(index: number, atMs: number): Trip | undefined {
    const shiftMs = unit(index, TRAIT.trip) * TRIP_PERIOD_DAYS * DAY_MS;
    const period = Math.floor((atMs + shiftMs) / (TRIP_PERIOD_DAYS * DAY_MS));
    if (unit(index, TRAIT.trip + 1_000 + period) >= TRIP_SHARE) return undefined;
    const days = TRIP_DAYS.least + unit(index, TRAIT.tripDays + 1_000 * period) * (TRIP_DAYS.most - TRIP_DAYS.least);
    const latestDay = TRIP_PERIOD_DAYS - TRIP_DAYS.most;
    const startDay = unit(index, TRAIT.tripStart + 1_000 * period) * latestDay;
    const startMs = Math.floor(period * TRIP_PERIOD_DAYS * DAY_MS - shiftMs + startDay * DAY_MS);
    const country = pickForeignCountry(countryOf(index), unit(index, TRAIT.tripCountry + 1_000 * period));
    const city = deriveInteger(seed, index, TRAIT.tripCity + 1_000 * period, COUNTRIES[country]!.cities.length);
    return { startMs, endMs: startMs + Math.floor(days * DAY_MS), place: placeNear(country, city, 0.01, 0.01) };
  }

  function homePlace(index: number): Place {
    const country = countryOf(index);
    const city = deriveInteger(seed, index, TRAIT.city, COUNTRIES[country]!.cities.length);
    const north = HOME_SPREAD_DEGREES * deriveNormal(seed, index, TRAIT.north);
    return placeNear(country, city, north, HOME_SPREAD_DEGREES * deriveNormal(seed, index, TRAIT.east));
  }

  return {
    size,
    seed,
    country: countryOf,
    person: (index) => ({
      index,
      home: homePlace(index),
      spendingLevel: exp(SPENDING_SIGMA * deriveNormal(seed, index, TRAIT.level)),
      emailDomain: EMAIL_DOMAINS[pickIndex(EMAIL_TOTALS, unit(index, TRAIT.email))]!,
    }),
    card(index, choice) {
      const slot = choice >= 0.75 && unit(index, TRAIT.cards) < SECOND_CARD_SHARE ? 1 : 0;
      const trait = TRAIT.cardId + 7_919 * slot;
      return {
        id: opaqueId('c', deriveBits(seed, index, trait), deriveBits(seed, index, trait + 5_000)),
        type: CARD_TYPES[pickIndex(CARD_TYPE_TOTALS, unit(index, TRAIT.cardType + slot * 7_919))]!,
        lastFour: String(deriveInteger(seed, index, TRAIT.lastFour + slot * 7_919, 10_000)).padStart(4, '0'),
      };
    },
    device,
    homeIp(index, atMs) {
      const lease = Math.floor(atMs / (HOME_IP_DAYS * DAY_MS) + unit(index & ~1, TRAIT.ip));
      return ipText(deriveBits(seed, householdOf(index), TRAIT.ip + 1 + lease * 7_919));
    },
    trip,
    eagerness(index, atMs) {
      const longitude = COUNTRIES[countryOf(index)]!.cities[0]!.longitude;
      const rhythmHours = 1.5 * deriveNormal(seed, index, TRAIT.rhythm);
      const local = atMs + (longitude / 15 + rhythmHours) * HOUR_MS;
      const day = Math.floor(local / DAY_MS);
      const hour = Math.floor((local - day * DAY_MS) / HOUR_MS);
      const sincePayday = (day + Math.floor(unit(index, TRAIT.payday) * MONTH_DAYS)) % MONTH_DAYS;
      const drive = unit(index, TRAIT.activity);
      const activity = LEAST_ACTIVITY + (1 - LEAST_ACTIVITY) * drive * drive;
      return (
        activity *
        HOURLY[hour]! *
        DAILY[(day + EPOCH_WEEKDAY) % 7]! *
        AFTER_PAYDAY[Math.min(sincePayday, AFTER_PAYDAY.length - 1)]!
      );
    },
  };
}
