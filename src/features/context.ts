/** All that a feature may look at: the payment, its moment, the profiles as they stood, and the published tables. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type EntityView } from './entity-view.ts';
import { type FeatureDefinition, MINOR_PER_MAJOR } from './feature.ts';
import { type PublishedTables, type Subject, type TableEntry } from './slow-tables.ts';
import { type PaymentLanes, type UserWalk } from './user-walk.ts';

export interface FeatureContext {
  transaction: Transaction;
  /** Base-currency minor units. */
  amountMinor: number;
  /** The moment of reading: the event time, at most 24 hours before the arrival. */
  timeMs: number;
  /** The same moment in the mapping's zone, as if the zone were UTC. */
  localMs: number;
  readonly views: Readonly<Record<EntityKind, EntityView>>;
  /** The same views in the order of ENTITY_KINDS: an index is found faster than a name. */
  readonly entities: readonly EntityView[];
  readonly lanes: PaymentLanes;
  readonly walk: UserWalk;
  /** Kilometres to the newest place named and to the usual one; NaN where one is not known. */
  fromLastKm: number;
  fromHomeKm: number;
  tables: PublishedTables;
  /** What the tables say of the payment's category, country, device type, card type, hour and e-mail domain. */
  readonly entries: Record<Subject, TableEntry>;
  /** Payments of the merchant known over its life, and frauds among them. */
  readonly merchantLifetime: Float64Array;
}

/** Values of a vector by feature name, for sentences; NaN for one that is missing or not in the catalogue. */
export type ValueOf = (feature: string) => number;

/** A number in the context that is a feature as it stands: copying is several times cheaper than calling. */
export interface Cell {
  readonly values: Float64Array;
  readonly at: number;
}

/** How a feature gets its value; it reads what the engine has prepared and changes nothing. */
export type Computation =
  | { readonly compute: (context: FeatureContext) => number; readonly cell?: undefined }
  | { readonly cell: (context: FeatureContext) => Cell; readonly compute?: undefined };

/** A feature: what the catalogue says of it, how it is computed, and what it says to an analyst. */
export type Feature = FeatureDefinition &
  Computation & {
    /** One sentence about `value`, which is not missing. `transaction`, when given, supplies names. */
    readonly say: (value: number, valueOf: ValueOf, transaction?: Transaction) => string;
  };

export const toMajor = (minor: number): number => minor / MINOR_PER_MAJOR;

/** A quotient of minor units; a divisor below one minor unit counts as one, so that it is never infinite. */
export const ratio = (minor: number, byMinor: number): number => minor / Math.max(byMinor, 1);

/** Place of a kind of entity in `FeatureContext.entities`. */
export const placeOf = (kind: EntityKind): number => ENTITY_KINDS.indexOf(kind);
