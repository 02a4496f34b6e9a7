/** Reads profiles into a feature vector; then adds the payment to its profiles, never the reverse. */
import { type EntityKind } from '../domain/entity.ts';
import { type LabelArrival } from '../domain/label.ts';
import { type Outcome } from '../domain/outcome.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type Catalogue, catalogueFor } from './catalogue.ts';
import { describeEntity, type EntityProfile } from './describe.ts';
import { isLate } from './event-time.ts';
import { everyProfile, profileImage } from './profile-image.ts';
import { type FeatureSettings, plainSettings } from './settings.ts';
import { type SlowTables } from './slow-tables.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';
import { createState } from './state.ts';

export { type FeatureSettings } from './settings.ts';

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
  /** The tables in force. */
  readonly tables: SlowTables;
  /** The complete state; equal histories give equal bytes. */
  snapshot(): Uint8Array;
  /** Replaces the state; throws when the bytes are of other settings, another catalogue or format. */
  restore(bytes: Uint8Array): void;
  /** Every profile, as a replica takes it over; see entity-history.ts. */
  images(): Iterable<{ readonly key: Uint8Array; readonly image: Uint8Array }>;
  /** What is known of an entity at `atMs`; undefined when it was never seen. */
  describe(kind: EntityKind, id: string, atMs: number): EntityProfile | undefined;
  memory(): { readonly entities: number; readonly bytes: number };
}

export function createFeatureEngine(given: FeatureSettings): FeatureEngine {
  const settings = plainSettings(given);
  const catalogue = catalogueFor(settings);
  let state = createState(settings);
  return {
    catalogue,
    settings,
    read(arrival, out) {
      state.bring(arrival);
      catalogue.write(state.context, out);
      return isLate(arrival);
    },
    update: (arrival, outcome) => state.add(arrival, outcome),
    label: (labelArrival) => state.labels.fold(labelArrival),
    tablesDue: (arrivalMs) => state.tablesDue(arrivalMs),
    publish: (tables) => state.publish(tables),
    get tablesVersion() {
      return state.context.tables.source.version;
    },
    get tables() {
      return state.context.tables.source;
    },
    snapshot: () => encodeSnapshot(state.image(), settings, catalogue.hash),
    restore(bytes) {
      state = createState(settings, decodeSnapshot(bytes, settings, catalogue.hash));
    },
    *images() {
      const { profiles } = state;
      for (const { key, address } of everyProfile(profiles)) {
        yield { key: new Uint8Array(key.buffer), image: profileImage(profiles, address) };
      }
    },
    describe(kind, id, atMs) {
      const { fraudRate } = state.context.tables;
      return describeEntity(state.labels.viewOf(kind, id), { kind, id, atMs, labelDelayMs: settings.labelDelayMs, fraudRate }); // prettier-ignore
    },
    memory() {
      const { slab, index } = state.profiles;
      return { entities: index.size(), bytes: slab.bytes() + index.bytes() };
    },
  };
}
