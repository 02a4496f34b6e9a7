/** An instance's own copy of the shared profiles it has met, brought up to date by the events it has not seen yet. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type Catalogue, catalogueFor } from './catalogue.ts';
import { describeEntity, type EntityProfile } from './describe.ts';
import { createEventReader, EVENT_HEAD_BYTES, type EventTarget, putSharedPayment, putUserPayment, SHARED_PAYMENT_BYTES, USER_PAYMENT_BYTES } from './entity-event.ts'; // prettier-ignore
import { NOTHING_KNOWN, openHistory } from './entity-history.ts';
import { createEntityView, type EntityView, openView } from './entity-view.ts';
import { withdrawEligible } from './entries.ts';
import { isLate } from './event-time.ts';
import { hashEntity } from './hash.ts';
import { addFirstLabel } from './label-fold.ts';
import { flipLabel } from './label-history.ts';
import { layoutsFor } from './profile.ts';
import { placeProfile, profileImage } from './profile-image.ts';
import { createProfiles, retentionMs } from './profiles.ts';
import { createReader, userLane } from './reader.ts';
import { type FeatureSettings, plainSettings } from './settings.ts';
import { lookUp, NO_TABLES, type SlowTables } from './slow-tables.ts';

/** One of a payment's entities: what is to be added to its history, and from where on its history is wanted. */
export interface EntityPart {
  readonly kind: EntityKind;
  /** Four words of 4 bytes. */
  readonly key: Uint8Array;
  /** How far this replica had come when the part was made: an offset, or NOTHING_KNOWN. */
  readonly knownTo: number;
  /** The payment as an event without its head. */
  readonly event: Uint8Array;
}

export interface Replica {
  readonly catalogue: Catalogue;
  readonly settings: FeatureSettings;
  readonly tablesVersion: number;
  publish(tables: SlowTables): void;
  /** The payment's entities, in the order of ENTITY_KINDS. Its event time may be AT_ARRIVAL; seq and arrival do not count. */
  partsOf(arrival: Arrival): readonly EntityPart[];
  /**
   * Takes in what the store held of each part: its history from `knownTo` on, behind the history's head; or the whole,
   * when `knownTo` lies in the image. False, and nothing is to be read, when this replica has come further already.
   */
  catchUp(parts: readonly EntityPart[], histories: readonly Uint8Array[]): boolean;
  /** The same for whole histories, but no further than `ends`. */
  catchUpTo(parts: readonly EntityPart[], histories: readonly Uint8Array[], ends: readonly number[]): boolean;
  /** Features as the profiles stand; as the engine's. */
  read(arrival: Arrival, out: Float64Array): boolean;
  /** Adds the payment itself to the histories that `catchUp` has brought to its place. */
  add(parts: readonly EntityPart[], arrivalMs: number): void;
  /** How far the replica has come with an entity. */
  knownTo(key: Uint8Array): number;
  /** The profile as an image; undefined when it is not here. */
  image(key: Uint8Array): Uint8Array | undefined;
  describe(kind: EntityKind, id: string, atMs: number): EntityProfile | undefined;
  size(): number;
}

const KEY_BYTES = 16;

/** The key of an entity's history. */
export function entityKey(kind: EntityKind, id: string): Uint8Array {
  const words = new Uint32Array(4);
  hashEntity(kind, id, words);
  return new Uint8Array(words.buffer);
}

export function createReplica(given: FeatureSettings): Replica {
  const settings = plainSettings(given);
  const { labelDelayMs } = settings;
  const catalogue = catalogueFor(settings);
  const layouts = layoutsFor(settings.merchantWindows);
  const profiles = createProfiles(retentionMs(labelDelayMs));
  const reader = createReader(profiles, { ...settings, layouts, walksUser: settings.catalogue === 'sentinel' });
  const { context } = reader;
  context.tables = lookUp(NO_TABLES);
  const views = Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, createEntityView(layouts[kind])])) as Readonly<
    Record<EntityKind, EntityView>
  >;
  const events = createEventReader();
  /** How far each entity has come, by its key as a text of eight characters. */
  const known = new Map<string, number>();

  const words = new Uint32Array(4);
  const bytesOfWords = new Uint8Array(words.buffer);
  const nameOf = (key: Uint8Array): string => {
    bytesOfWords.set(key);
    const [a = 0, b = 0, c = 0, d = 0] = words;
    return String.fromCharCode(a & 0xffff, a >>> 16, b & 0xffff, b >>> 16, c & 0xffff, c >>> 16, d & 0xffff, d >>> 16);
  };

  let view = views.user;
  const target: EventTarget = {
    payment: (entry) => profiles.add(view.cursor, view.key, entry),
    blocked(effectiveMs) {
      if (view.cursor.address !== 0) withdrawEligible(view.cursor, effectiveMs);
    },
    firstLabel(label, payment) {
      if (view.cursor.address === 0) return;
      addFirstLabel(view, profiles.slab, label, payment, labelDelayMs);
    },
    labelTurned(seq, isFraud) {
      if (view.cursor.address !== 0) flipLabel(view.labels, seq, isFraud);
    },
  };

  const openAt = (kind: EntityKind, key: Uint8Array): void => {
    view = views[kind];
    view.present = true;
    bytesOfWords.set(key);
    view.key.set(words);
    openView(view, profiles.slab, profiles.index.find(view.key));
  };

  /** Folds events [at, until) of `bytes` into the profile `view` is at. */
  const foldEvents = (bytes: Uint8Array, from: number, until: number): void => {
    const dataView = new DataView(bytes.buffer, bytes.byteOffset, until);
    for (let at = from; at < until;) {
      at = events.read(dataView, at, target);
      openView(view, profiles.slab, view.cursor.address);
    }
  };

  const catchUpOne = ({ kind, key }: EntityPart, bytes: Uint8Array, asked: number, until: number): boolean => {
    const name = nameOf(key);
    let here = known.get(name) ?? NOTHING_KNOWN;
    if (bytes.length === 0) return here === NOTHING_KNOWN;
    const { imageOffset, image, from, eventsAt, end } = openHistory(bytes, asked);
    const stop = Math.min(until, end);
    if (here > stop || imageOffset > stop) return false;
    if (here < from) {
      if (image === undefined) return false;
      bytesOfWords.set(key);
      if (image.length > 0) placeProfile(profiles, words, image);
      here = from;
    }
    if (here < stop) {
      openAt(kind, key);
      foldEvents(bytes, eventsAt + here - from, eventsAt + stop - from);
    }
    known.set(name, stop);
    return true;
  };

  const catchUpAll = (
    parts: readonly EntityPart[],
    histories: readonly Uint8Array[],
    asked: (part: EntityPart) => number,
    ends?: readonly number[],
  ): boolean => {
    let reached = true;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (!catchUpOne(part, histories[i]!, asked(part), ends?.[i] ?? Infinity)) reached = false;
    }
    return reached;
  };

  return {
    catalogue,
    settings,
    get tablesVersion() {
      return context.tables.source.version;
    },
    publish(tables) {
      context.tables = lookUp(tables);
      reader.vocabulary.renew();
    },
    partsOf(arrival) {
      reader.locate(arrival);
      const { entities, lanes } = context;
      const { eventTimeMs } = arrival.transaction;
      const { amountBaseMinor } = arrival;
      // One buffer for all: each of its own costs the collector more than all the rest.
      const bytes = new Uint8Array(entities.length * (KEY_BYTES + SHARED_PAYMENT_BYTES) + USER_PAYMENT_BYTES);
      const dataView = new DataView(bytes.buffer);
      let end = 0;
      const parts: EntityPart[] = [];
      for (let e = 0; e < entities.length; e++) {
        const entity = entities[e]!;
        if (!entity.present) continue;
        words.set(entity.key);
        bytes.set(bytesOfWords, end);
        const eventAt = end + KEY_BYTES;
        if (e === 0) putUserPayment(dataView, eventAt, eventTimeMs, amountBaseMinor, lanes);
        else putSharedPayment(dataView, eventAt, eventTimeMs, amountBaseMinor, userLane(context));
        const key = bytes.subarray(end, eventAt);
        end = eventAt + (e === 0 ? USER_PAYMENT_BYTES : SHARED_PAYMENT_BYTES);
        const knownTo = known.get(nameOf(key)) ?? NOTHING_KNOWN;
        parts.push({ kind: ENTITY_KINDS[e]!, key, knownTo, event: bytes.subarray(eventAt, end) });
      }
      return parts;
    },
    catchUp: (parts, histories) => catchUpAll(parts, histories, ({ knownTo }) => knownTo),
    catchUpTo: (parts, histories, ends) => catchUpAll(parts, histories, () => NOTHING_KNOWN, ends),
    read(arrival, out) {
      reader.locate(arrival);
      reader.read();
      catalogue.write(context, out);
      return isLate(arrival);
    },
    add(parts, arrivalMs) {
      for (const { kind, key, event } of parts) {
        openAt(kind, key);
        events.readBody(new DataView(event.buffer, event.byteOffset, event.byteLength), 0, arrivalMs, target);
        const name = nameOf(key);
        known.set(name, Math.max(known.get(name) ?? 0, 0) + EVENT_HEAD_BYTES + event.length);
      }
    },
    knownTo: (key) => known.get(nameOf(key)) ?? NOTHING_KNOWN,
    image(key) {
      bytesOfWords.set(key);
      const address = profiles.index.find(words);
      return address === 0 ? undefined : profileImage(profiles, address);
    },
    describe(kind, id, atMs) {
      openAt(kind, entityKey(kind, id));
      const { fraudRate } = context.tables;
      return describeEntity(view, { kind, id, atMs, labelDelayMs, fraudRate });
    },
    size: () => known.size,
  };
}
