/** All that a feature may look at: the payment, its moment, the profiles as they stood, and the published tables. */
import { type EntityKind } from '../domain/entity.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type EntityView } from './entity-view.ts';
import { type FeatureDefinition } from './feature.ts';
import { type PublishedTables } from './slow-tables.ts';
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
  readonly lanes: PaymentLanes;
  readonly walk: UserWalk;
  tables: PublishedTables;
  /** Payments of the merchant known over its life, and frauds among them. */
  readonly merchantLifetime: Float64Array;
}

/** Values of a vector by feature name, for sentences; NaN for one that is missing or not in the catalogue. */
export type ValueOf = (feature: string) => number;

/** A feature: what the catalogue says of it, how it is computed, and what it says to an analyst. */
export interface Feature extends FeatureDefinition {
  /** Its value; it reads what the engine has prepared and changes nothing. */
  readonly compute: (context: FeatureContext) => number;
  /** One sentence about `value`, which is not missing. `transaction`, when given, supplies names. */
  readonly say: (value: number, valueOf: ValueOf, transaction?: Transaction) => string;
}

/** Major units of the base currency, whose minor unit is a hundredth. */
export const MINOR_PER_MAJOR = 100;

export const toMajor = (minor: number): number => minor / MINOR_PER_MAJOR;

/** A quotient of minor units; a divisor below one minor unit counts as one, so that it is never infinite. */
export const ratio = (minor: number, byMinor: number): number => minor / Math.max(byMinor, 1);
