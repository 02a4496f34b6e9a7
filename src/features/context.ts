/** All that a feature may look at: the payment, its moment, the profiles as they stood, and the published tables. */
import { type EntityKind } from '../domain/entity.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type EntityView } from './entity-view.ts';
import { type FeatureDefinition, MINOR_PER_MAJOR } from './feature.ts';
import { type PublishedTables, type Subject } from './slow-tables.ts';
import { type PaymentLanes, type UserWalk } from './user-walk.ts';
import { type Word } from './vocabulary.ts';

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
  /** Payments of the views by window [entities × WINDOWS], in one piece for the vector. */
  readonly payments: Float64Array;
  readonly lanes: PaymentLanes;
  readonly walk: UserWalk;
  /** Kilometres to the newest place named and to the usual one; NaN where one is not known. */
  fromLastKm: number;
  fromHomeKm: number;
  tables: PublishedTables;
  /** The payment's category, country, device type, card type, hour and e-mail domain, and what the tables say of each. */
  readonly words: Record<Subject, Word>;
}

/** What the sentence of a feature may tell besides the feature's value. */
export interface Told {
  /** Another value of the vector by feature name; NaN for one that is missing or not in the catalogue. */
  readonly valueOf: (feature: string) => number;
  /** A sum in base currency, in words; with its currency where the payment alone does not tell that. */
  readonly money: (major: number) => string;
  /** When given, supplies names. */
  readonly transaction?: Transaction;
}

/** A feature: what the catalogue says of it, and what it says to an analyst. */
export interface Feature extends FeatureDefinition {
  /** One sentence about `value`, which is not missing. */
  readonly say: (value: number, told: Told) => string;
}

/** Features that are computed together: a call for each would cost more than most of their values. */
export interface FeatureGroup {
  readonly features: readonly Feature[];
  /** Puts the value of feature i of the group in `out[at + i]`; reads what the engine has prepared, changes nothing else. */
  readonly write: (context: FeatureContext, out: Float64Array, at: number) => void;
}

export const toMajor = (minor: number): number => minor / MINOR_PER_MAJOR;

/** A quotient of minor units; a divisor below one minor unit counts as one, so that it is never infinite. */
export const ratio = (minor: number, byMinor: number): number => minor / Math.max(byMinor, 1);
