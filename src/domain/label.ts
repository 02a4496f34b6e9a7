/** What became of a payment: fraud or genuine, who said so and when we learned it. */
import { type EntityKind, ENTITY_KINDS, entityId } from './entity.ts';
import { type Arrival } from './transaction.ts';

/** Who may label, from the word that counts least to the one that counts most. */
export const LABEL_SOURCES = ['customer', 'analyst', 'chargeback'] as const;
export type LabelSource = (typeof LABEL_SOURCES)[number];

export interface Label {
  readonly transactionId: string;
  readonly isFraud: boolean;
  readonly source: LabelSource;
  /** When the label reached us, epoch milliseconds; it counts from then on, never before. */
  readonly arrivalMs: number;
  /** The name of the campaign or case it belongs to, when known; never a feature. */
  readonly campaign?: string;
}

/** What a label says about a payment's place in the profiles, carried in the record so a fold needs no look-up. */
export interface PaymentReference {
  readonly seq: number;
  /** Its effective time: the event time, or the lateness bound when it was older at arrival. */
  readonly eventTimeMs: number;
  readonly amountBaseMinor: number;
  readonly entities: Readonly<Partial<Record<EntityKind, string>>>;
  readonly merchantCategory: string;
  readonly locationCountry?: string;
  readonly deviceType?: string;
  /** Blocked payments never become genuine by silence. */
  readonly blocked: boolean;
}

/** A label at its place in the global order, bound to the payment it speaks of. */
export interface LabelArrival {
  readonly seq: number;
  readonly label: Label;
  readonly payment: PaymentReference;
  /** The label in force before this one, if any. */
  readonly previous?: Label;
}

/**
 * The label in force once `incoming` has arrived: chargeback over analyst over customer, then the later.
 * Silence (no label) yields to every word.
 */
export function labelInForce(current: Label | undefined, incoming: Label): Label {
  if (current === undefined) return incoming;
  const difference = LABEL_SOURCES.indexOf(incoming.source) - LABEL_SOURCES.indexOf(current.source);
  if (difference !== 0) return difference > 0 ? incoming : current;
  return incoming.arrivalMs >= current.arrivalMs ? incoming : current;
}

/**
 * Whether `incoming` takes the place of `waiting` while their payment has not been seen: the earlier of two from one source
 * can never be in force again. So no more labels wait for a payment than there are sources, however many come.
 */
export function takesPlaceOf(incoming: Label, waiting: Label): boolean {
  return incoming.source === waiting.source;
}

/** What a label needs to know of a payment; `effectiveTimeMs` as the features took it. */
export function referenceOf(
  { seq, transaction, amountBaseMinor }: Arrival,
  effectiveTimeMs: number,
  blocked: boolean,
): PaymentReference {
  const entities: Partial<Record<EntityKind, string>> = {};
  for (const kind of ENTITY_KINDS) {
    const id = entityId(transaction, kind);
    if (id !== undefined) entities[kind] = id;
  }
  return {
    seq,
    eventTimeMs: effectiveTimeMs,
    amountBaseMinor,
    entities,
    merchantCategory: transaction.merchantCategory,
    blocked,
    ...(transaction.locationCountry !== undefined && { locationCountry: transaction.locationCountry }),
    ...(transaction.deviceType !== undefined && { deviceType: transaction.deviceType }),
  };
}
