/** Reads profiles into a feature vector; then adds the payment to its profiles, never the reverse. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { labelInForce, type LabelArrival } from '../domain/label.ts';
import { type Outcome } from '../domain/outcome.ts';
import { HOUR_MS } from '../domain/time.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type Catalogue, getCatalogue } from './catalogue.ts';
import { describeEntity, type EntityProfile } from './describe.ts';
import { type Entry, withdrawEligible } from './entries.ts';
import { createEntityView, openView } from './entity-view.ts';
import { hourOfDay, isLate } from './event-time.ts';
import { hashEntity } from './hash.ts';
import { addLabel, flipLabel } from './label-history.ts';
import { LABELS, layoutsFor } from './profile.ts';
import { createProfiles, retentionMs } from './profiles.ts';
import { createReader, HOUR_KEYS, userLane } from './reader.ts';
import { lookUp, NO_TABLES, type SlowTables } from './slow-tables.ts';
import { decodeSnapshot, type EngineImage, encodeSnapshot } from './snapshot.ts';
import { createTableSums, type SubjectKeys } from './table-sums.ts';
import { createWriter } from './writer.ts';

export interface FeatureSettings {
  readonly catalogue: 'sentinel' | 'handbook';
  /** How long a payment must stay without a fraud label to count as genuine. */
  readonly labelDelayMs: number;
  /** Zone of hours, days and nights; 0 is UTC. */
  readonly utcOffsetMinutes: number;
  /** How a merchant's windows are kept: fixed tiles, bounded in size, or every payment. */
  readonly merchantWindows: 'tiles' | 'exact';
}

export interface FeatureEngine {
  readonly catalogue: Catalogue;
  readonly settings: FeatureSettings;
  /**
   * Writes the features of `arrival` as profiles stand, into `out` [catalogue.features.length]; changes nothing.
   * True when the payment was older than the lateness bound and is read at the bound.
   */
  read(arrival: Arrival, out: Float64Array): boolean;
  /** Adds the payment to its profiles, once, after `read`, in the order of `seq`. */
  update(arrival: Arrival, outcome: Outcome): void;
  /** Folds a label; `payment.eventTimeMs` is the payment's effective time. A correction takes the old effect back. */
  label(labelArrival: LabelArrival): void;
  /** The slow tables anew when `arrivalMs` is the first in a new hour; the caller records and then publishes them. */
  tablesDue(arrivalMs: number): SlowTables | undefined;
  publish(tables: SlowTables): void;
  readonly tablesVersion: number;
  /** The complete state; equal histories give equal bytes. */
  snapshot(): Uint8Array;
  /** Replaces the state; throws when the bytes are of other settings, another catalogue or format. */
  restore(bytes: Uint8Array): void;
  /** What is known of an entity at `atMs`; undefined when it was never seen. */
  describe(kind: EntityKind, id: string, atMs: number): EntityProfile | undefined;
  memory(): { readonly entities: number; readonly bytes: number };
}

export function createFeatureEngine(settings: FeatureSettings): FeatureEngine {
  const catalogue = getCatalogue(settings.catalogue);
  let state = createState(settings, catalogue);

  return {
    catalogue,
    settings,
    read(arrival, out) {
      state.bring(arrival);
      state.reader.read();
      state.write(out);
      return isLate(arrival);
    },
    update: (arrival, outcome) => state.update(arrival, outcome),
    label: (labelArrival) => state.label(labelArrival),
    tablesDue: (arrivalMs) => state.tablesDue(arrivalMs),
    publish: (tables) => state.publish(tables),
    get tablesVersion() {
      return state.reader.context.tables.source.version;
    },
    snapshot: () => encodeSnapshot(state.image(), settings, catalogue.hash),
    restore(bytes) {
      state = createState(settings, catalogue, decodeSnapshot(bytes, settings, catalogue.hash));
    },
    describe: (kind, id, atMs) => state.describe(kind, id, atMs),
    memory: () => state.memory(),
  };
}

/** Everything that a snapshot holds and a restore replaces. */
function createState(settings: FeatureSettings, catalogue: Catalogue, image?: EngineImage) {
  const { labelDelayMs } = settings;
  const layouts = layoutsFor(settings.merchantWindows);
  const profiles = createProfiles(retentionMs(labelDelayMs), image?.profiles);
  const sums = createTableSums(labelDelayMs, image?.sums);
  const reader = createReader(profiles, {
    ...settings,
    layouts,
    walksUser: settings.catalogue === 'sentinel',
  });
  const { context } = reader;
  context.tables = lookUp(image?.tables ?? NO_TABLES);
  let publishedHour = image?.publishedHour ?? -1;
  const labelView = Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, createEntityView(layouts[kind])])) as Record<
    EntityKind,
    ReturnType<typeof createEntityView>
  >;
  const entry: Entry = { timeMs: 0, amountMinor: 0, eligible: 0, lanes: new Uint32Array(5) };
  let brought: Arrival | undefined;

  const bring = (arrival: Arrival): void => {
    if (brought === arrival) return;
    reader.locate(arrival);
    brought = arrival;
  };

  const subjectKeys = (): SubjectKeys => {
    const { merchantCategory, locationCountry, deviceType, cardType, emailDomain } = context.transaction;
    return {
      merchant_category: merchantCategory,
      location_country: locationCountry,
      device_type: deviceType,
      card_type: cardType,
      hour_of_day: HOUR_KEYS[hourOfDay(context.localMs)],
      email_domain: emailDomain,
    };
  };

  const labelEntity = (kind: EntityKind, id: string, { label, payment, previous }: LabelArrival): void => {
    const view = labelView[kind];
    hashEntity(kind, id, view.key);
    openView(view, profiles.slab, profiles.index.find(view.key));
    const { cursor, labels } = view;
    if (cursor.address === 0) return;
    if (previous !== undefined) {
      flipLabel(labels, payment.seq, labelInForce(previous, label).isFraud);
      return;
    }
    if (!payment.blocked) withdrawEligible(cursor, payment.eventTimeMs);
    const silentMs = payment.blocked ? Infinity : payment.eventTimeMs + labelDelayMs;
    const at = cursor.head * 2 + LABELS;
    cursor.ints[at] = addLabel(labels, profiles.slab, cursor.ints[at]!, {
      knownMs: Math.min(label.arrivalMs, silentMs),
      eventTimeMs: payment.eventTimeMs,
      seq: payment.seq,
      isFraud: label.isFraud,
    });
  };

  return {
    reader,
    bring,
    write: createWriter(catalogue, context),
    update(arrival: Arrival, outcome: Outcome): void {
      bring(arrival);
      brought = undefined;
      const { views, lanes } = context;
      if (publishedHour < 0) publishedHour = Math.floor(arrival.arrivalMs / HOUR_MS);
      entry.timeMs = context.timeMs;
      entry.amountMinor = context.amountMinor;
      entry.eligible = outcome === 'block' ? 0 : 1;
      entry.lanes[0] = userLane(context);
      for (const kind of ENTITY_KINDS) {
        const view = views[kind];
        if (kind !== 'user' && view.present) profiles.add(view.cursor, view.key, entry);
      }
      entry.lanes[0] = lanes.merchant;
      entry.lanes[1] = lanes.device;
      entry.lanes[2] = lanes.ip;
      entry.lanes[3] = lanes.context;
      entry.lanes[4] = lanes.place;
      profiles.add(views.user.cursor, views.user.key, entry);
      sums.addPayment(context.timeMs, subjectKeys(), context.amountMinor, entry.eligible === 1);
      profiles.sweep(arrival.arrivalMs);
    },
    label(labelArrival: LabelArrival): void {
      const { label, payment, previous } = labelArrival;
      brought = undefined;
      const isFraud = labelInForce(previous, label).isFraud;
      if (previous !== undefined && previous.isFraud === isFraud) return;
      for (const kind of ENTITY_KINDS) {
        const id = payment.entities[kind];
        if (id !== undefined) labelEntity(kind, id, labelArrival);
      }
      const keys: SubjectKeys = {
        merchant_category: payment.merchantCategory,
        location_country: payment.locationCountry,
        device_type: payment.deviceType,
      };
      if (previous === undefined) sums.addLabel(payment.eventTimeMs, keys, isFraud, !payment.blocked);
      else sums.flipLabel(payment.eventTimeMs, keys, isFraud);
    },
    tablesDue(arrivalMs: number): SlowTables | undefined {
      const due = publishedHour >= 0 && Math.floor(arrivalMs / HOUR_MS) > publishedHour;
      return due ? sums.publish(arrivalMs, context.tables.source.version + 1) : undefined;
    },
    publish(tables: SlowTables): void {
      context.tables = lookUp(tables);
      publishedHour = Math.floor(tables.arrivalMs / HOUR_MS);
    },
    describe(kind: EntityKind, id: string, atMs: number): EntityProfile | undefined {
      const view = labelView[kind];
      hashEntity(kind, id, view.key);
      openView(view, profiles.slab, profiles.index.find(view.key));
      return describeEntity(view, { kind, id, atMs, labelDelayMs, fraudRate: context.tables.fraudRate });
    },
    memory: () => ({ entities: profiles.index.size(), bytes: profiles.slab.bytes() + profiles.index.bytes() }),
    image: (): EngineImage => ({
      profiles: profiles.image(),
      sums: sums.image(),
      tables: context.tables.source,
      publishedHour,
    }),
  };
}
