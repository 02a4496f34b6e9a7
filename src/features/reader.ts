/** Brings one payment and its profiles into the context from which features are computed. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { type Arrival, type Transaction } from '../domain/transaction.ts';
import { type FeatureContext } from './context.ts';
import {
  createEntityView,
  createWindowBounds,
  type EntityView,
  openView,
  readLabels,
  readPayments,
  setWindowBounds,
  WINDOWS,
} from './entity-view.ts';
import { effectiveTimeMs, hourOfDay, localMs } from './event-time.ts';
import { hashId } from './hash.ts';
import { distanceKm, NO_PLACE, packPlace } from './place.ts';
import { type ProfileLayout } from './profile.ts';
import { type Profiles } from './profiles.ts';
import { lookUp, NO_TABLES } from './slow-tables.ts';
import { createUserWalk } from './user-walk.ts';
import { createVocabulary, NO_WORD, type Vocabulary } from './vocabulary.ts';

export interface Reader {
  readonly context: FeatureContext;
  readonly vocabulary: Vocabulary;
  /** Finds the payment's profiles. */
  locate(arrival: Arrival): void;
  /** Reads what the features need from the profiles located. */
  read(): void;
}

export interface ReaderSettings {
  readonly labelDelayMs: number;
  readonly utcOffsetMinutes: number;
  readonly layouts: Readonly<Record<EntityKind, ProfileLayout>>;
  /** Whether any feature looks at the user's single payments. */
  readonly walksUser: boolean;
}

/** Positions in ENTITY_KINDS. */
const [USER, CARD, DEVICE, IP, MERCHANT] = [0, 1, 2, 3, 4] as const;

/** Letters of a country code in 5 bits each: exact for two and three of them, never 0. */
function packCountry(country: string | undefined): number {
  if (country === undefined) return 0;
  let packed = 0;
  const letters = Math.min(country.length, 3);
  for (let i = 0; i < letters; i++) packed = packed * 32 + (country.charCodeAt(i) & 31);
  return packed;
}

/** The word of an entity's key that stands for it in other entities' lanes; 0 when the payment names none. */
const laneOf = (view: EntityView): number => (view.present ? view.key[2]! || 1 : 0);

/** Lane value of the user in the profiles users share. */
export const userLane = (context: FeatureContext): number => laneOf(context.views.user);

function createContext(
  layouts: ReaderSettings['layouts'],
): FeatureContext & { walker: ReturnType<typeof createUserWalk> } {
  const walker = createUserWalk();
  const payments = new Float64Array(ENTITY_KINDS.length * WINDOWS.length);
  const views = Object.fromEntries(
    ENTITY_KINDS.map((kind, e) => {
      const own = payments.subarray(e * WINDOWS.length, (e + 1) * WINDOWS.length);
      return [kind, createEntityView(layouts[kind], own)];
    }),
  );
  return {
    transaction: {
      transactionId: '',
      userId: '',
      merchantId: '',
      amountMinor: 0,
      currency: '',
      merchantCategory: '',
      transactionType: '',
      eventTimeMs: 0,
    },
    amountMinor: 0,
    timeMs: 0,
    localMs: 0,
    views: views as Record<EntityKind, EntityView>,
    entities: Object.values(views),
    payments,
    lanes: { merchant: 0, device: 0, ip: 0, context: 0, place: NO_PLACE },
    walk: walker.result,
    fromLastKm: NaN,
    fromHomeKm: NaN,
    words: {
      merchant_category: NO_WORD,
      location_country: NO_WORD,
      device_type: NO_WORD,
      card_type: NO_WORD,
      hour_of_day: NO_WORD,
      email_domain: NO_WORD,
    },
    tables: lookUp(NO_TABLES),
    walker,
  };
}

const kilometres = (a: number, b: number): number => (a === NO_PLACE || b === NO_PLACE ? NaN : distanceKm(a, b));

/** Keys of the table by hour. */
const HOUR_KEYS: readonly string[] = Array.from({ length: 24 }, (_, hour) => String(hour));

export function createReader(profiles: Profiles, settings: ReaderSettings): Reader {
  const { labelDelayMs, utcOffsetMinutes, walksUser } = settings;
  const { slab, index } = profiles;
  const context = createContext(settings.layouts);
  const { views, entities, lanes, walker, words } = context;
  const vocabulary = createVocabulary(() => context.tables);
  const bounds = createWindowBounds();
  const touched = new Uint32Array(ENTITY_KINDS.length);

  const readWords = (transaction: Transaction): void => {
    words.merchant_category = vocabulary.wordOf('merchant_category', transaction.merchantCategory);
    words.location_country = vocabulary.wordOf('location_country', transaction.locationCountry);
    words.device_type = vocabulary.wordOf('device_type', transaction.deviceType);
    words.card_type = vocabulary.wordOf('card_type', transaction.cardType);
    words.hour_of_day = vocabulary.wordOf('hour_of_day', HOUR_KEYS[hourOfDay(context.localMs)]);
    words.email_domain = vocabulary.wordOf('email_domain', transaction.emailDomain);
  };

  const name = (e: number, id: string | undefined): void => {
    const view = entities[e]!;
    view.present = id !== undefined;
    if (id !== undefined) hashId(e, id, view.key);
    touched[e] = index.guess(view.key);
  };

  /** Asks for the memory of all profiles at once: waiting for one after the other took a tenth of all time. */
  const touchProfiles = (transaction: Transaction): void => {
    name(USER, transaction.userId);
    name(CARD, transaction.cardId);
    name(DEVICE, transaction.deviceId);
    name(IP, transaction.ipAddress);
    name(MERCHANT, transaction.merchantId);
    for (let e = 0; e < entities.length; e++) touched[e] = slab.touch(touched[e]!);
  };

  const openProfiles = (): void => {
    for (let e = 0; e < entities.length; e++) {
      const view = entities[e]!;
      openView(view, slab, view.present ? index.find(view.key) : 0);
    }
  };

  return {
    context,
    vocabulary,
    locate(arrival) {
      const { transaction } = arrival;
      context.transaction = transaction;
      context.amountMinor = arrival.amountBaseMinor;
      context.timeMs = effectiveTimeMs(arrival);
      context.localMs = localMs(context.timeMs, utcOffsetMinutes);
      touchProfiles(transaction);
      readWords(transaction);
      openProfiles();
      lanes.merchant = laneOf(views.merchant);
      lanes.device = laneOf(views.device);
      lanes.ip = laneOf(views.ip);
      lanes.context = ((words.merchant_category.hash << 16) | packCountry(transaction.locationCountry)) >>> 0;
      const { latitude, longitude } = transaction;
      lanes.place = latitude === undefined || longitude === undefined ? NO_PLACE : packPlace(latitude, longitude);
    },
    read() {
      setWindowBounds(bounds, context.timeMs);
      for (let i = 0; i < entities.length; i++) readPayments(entities[i]!, bounds);
      readLabels(views.user, bounds, labelDelayMs);
      readLabels(views.merchant, bounds, labelDelayMs);
      if (!walksUser) return;
      walker.walk(views.user, lanes, context.amountMinor);
      const { lastPlace, homePlace } = walker.result;
      context.fromLastKm = kilometres(lastPlace, lanes.place);
      context.fromHomeKm = homePlace === lastPlace ? context.fromLastKm : kilometres(homePlace, lanes.place);
    },
  };
}
