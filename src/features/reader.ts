/** Brings one payment and its profiles into the context from which features are computed. */
import { ENTITY_KINDS, entityId, type EntityKind } from '../domain/entity.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type FeatureContext } from './context.ts';
import { createEntityView, type EntityView, openView, readLabels, readLifetime, readPayments } from './entity-view.ts';
import { effectiveTimeMs, hourOfDay, localMs } from './event-time.ts';
import { hash32, hashEntity } from './hash.ts';
import { distanceKm, NO_PLACE, packPlace } from './place.ts';
import { type ProfileLayout } from './profile.ts';
import { type Profiles } from './profiles.ts';
import { lookUp, NO_ENTRY, NO_TABLES } from './slow-tables.ts';
import { createUserWalk } from './user-walk.ts';

export interface Reader {
  readonly context: FeatureContext;
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
  const views = Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, createEntityView(layouts[kind])]));
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
    lanes: { merchant: 0, device: 0, ip: 0, context: 0, place: NO_PLACE },
    walk: walker.result,
    fromLastKm: NaN,
    fromHomeKm: NaN,
    entries: {
      merchant_category: NO_ENTRY,
      location_country: NO_ENTRY,
      device_type: NO_ENTRY,
      card_type: NO_ENTRY,
      hour_of_day: NO_ENTRY,
      email_domain: NO_ENTRY,
    },
    tables: lookUp(NO_TABLES),
    merchantLifetime: new Float64Array(2),
    walker,
  };
}

const kilometres = (a: number, b: number): number => (a === NO_PLACE || b === NO_PLACE ? NaN : distanceKm(a, b));

/** Keys of the table by hour. */
export const HOUR_KEYS: readonly string[] = Array.from({ length: 24 }, (_, hour) => String(hour));

function readTables(context: FeatureContext): void {
  const { tables, transaction, entries } = context;
  entries.merchant_category = tables.entry('merchant_category', transaction.merchantCategory);
  entries.location_country = tables.entry('location_country', transaction.locationCountry);
  entries.device_type = tables.entry('device_type', transaction.deviceType);
  entries.card_type = tables.entry('card_type', transaction.cardType);
  entries.hour_of_day = tables.entry('hour_of_day', HOUR_KEYS[hourOfDay(context.localMs)]);
  entries.email_domain = tables.entry('email_domain', transaction.emailDomain);
}

export function createReader(profiles: Profiles, settings: ReaderSettings): Reader {
  const { labelDelayMs, utcOffsetMinutes, walksUser } = settings;
  const context = createContext(settings.layouts);
  const { views, entities, lanes, walker } = context;
  return {
    context,
    locate(arrival) {
      const { transaction } = arrival;
      context.transaction = transaction;
      context.amountMinor = arrival.amountBaseMinor;
      context.timeMs = effectiveTimeMs(arrival);
      context.localMs = localMs(context.timeMs, utcOffsetMinutes);
      for (const kind of ENTITY_KINDS) {
        const view = views[kind];
        const id = entityId(transaction, kind);
        view.present = id !== undefined;
        if (id !== undefined) hashEntity(kind, id, view.key);
        openView(view, profiles.slab, id === undefined ? 0 : profiles.index.find(view.key));
      }
      lanes.merchant = laneOf(views.merchant);
      lanes.device = laneOf(views.device);
      lanes.ip = laneOf(views.ip);
      lanes.context = ((hash32(transaction.merchantCategory) << 16) | packCountry(transaction.locationCountry)) >>> 0;
      const { latitude, longitude } = transaction;
      lanes.place = latitude === undefined || longitude === undefined ? NO_PLACE : packPlace(latitude, longitude);
    },
    read() {
      const { timeMs } = context;
      for (let i = 0; i < entities.length; i++) readPayments(entities[i]!, timeMs);
      readLabels(views.user, timeMs, labelDelayMs);
      readLabels(views.merchant, timeMs, labelDelayMs);
      readLifetime(views.merchant, timeMs, labelDelayMs, context.merchantLifetime);
      if (!walksUser) return;
      walker.walk(views.user, lanes, context.amountMinor);
      const { place } = lanes;
      context.fromLastKm = kilometres(walker.result.lastPlace, place);
      context.fromHomeKm = kilometres(walker.result.homePlace, place);
      readTables(context);
    },
  };
}
