/** Profiles, claims and the one global order, shared by any number of instances. */
import { type EntityPart } from '../features/replica.ts';
import { type MessagePlace } from '../journal/record.ts';

/** A place in the one order; arrivals never decrease with `seq`. */
export interface Place {
  readonly seq: number;
  readonly arrivalMs: number;
}

export interface PaymentClaim {
  readonly transactionId: string;
  /** 32 hex digits. */
  readonly requestHash: string;
  /** A payment that would arrive sooner is refused: it is dated too far ahead. */
  readonly earliestArrivalMs: number;
  /** All that computing the decision once more needs, as journal/claim-bytes.ts writes it. */
  readonly request: Uint8Array;
  readonly parts: readonly EntityPart[];
}

/** A claim as it is kept until it is confirmed. */
export interface StoredClaim {
  readonly place: Place;
  readonly tablesVersion: number;
  readonly request: Uint8Array;
  /** Where the history of each part ended before this payment. */
  readonly ends: readonly number[];
  /** The decision that was settled on, as a frame, when it cannot be computed again. */
  readonly settled?: Uint8Array;
}

export type ClaimOutcome =
  /** What each part asked for, before this payment’s own event was added; see entity-history.ts. */
  | { readonly status: 'claimed'; readonly place: Place; readonly tablesVersion: number; readonly histories: readonly Uint8Array[] } // prettier-ignore
  | { readonly status: 'pending'; readonly claim: StoredClaim }
  /**
   * `answer` is the decision’s frame while it is kept; `repeat` the place of the record that it was asked for again;
   * `message` the one it came as, when that is all a restoration knew: nobody has confirmed since that it was given.
   */
  | { readonly status: 'answered'; readonly decisionSeq: number; readonly answer?: Uint8Array; readonly repeat: Place; readonly message?: MessagePlace } // prettier-ignore
  | { readonly status: 'reused' | 'early' };

export interface Confirmation {
  readonly transactionId: string;
  /** Place of the claim, and the epoch it was made in. */
  readonly seq: number;
  readonly epoch: number;
  /** The decision’s frame. */
  readonly answer: Uint8Array;
  /** Added to the history of each of these entities, when the payment was blocked. */
  readonly blocked?: { readonly event: Uint8Array; readonly keys: readonly Uint8Array[] };
}

export interface Confirmed {
  /** False when the claim had been confirmed before: whoever did that answered first. */
  readonly isFirst: boolean;
  /** Labels have waited for it. */
  readonly labelsWait: boolean;
}

/** What was begun and not confirmed. */
export type Unfinished =
  | { readonly kind: 'payment'; readonly transactionId: string; readonly claim: StoredClaim }
  | { readonly kind: 'record'; readonly placed: Placed }
  | { readonly kind: 'repeat'; readonly repeat: Place; readonly decisionSeq: number; readonly transactionId: string }
  /** Labels that waited for this payment, which is now answered. */
  | { readonly kind: 'labels'; readonly transactionId: string };

/** A record’s frame without its place, and the place it was given. */
export interface Placed extends Place {
  readonly frame: Uint8Array;
}

/**
 * Each call is one atomic step on the one primary. Rejects NOT_READY while the store cannot be reached or is being
 * restored, OVERLOADED when too many calls wait; then nothing, or all of the step, was done.
 */
export interface OnlineStore {
  /** Changes when the store was restored: whatever was read before is worth nothing then. */
  epoch(): number;
  /** An id never seen: gives it the next place and adds the payment to its histories. One seen: what became of it. */
  claim(claim: PaymentClaim): Promise<ClaimOutcome>;
  /**
   * Makes `answer` the one decision of the claim given its place in `epoch` at `seq` unless there is one already; returns the one
   * there is, or nothing when it is confirmed and no longer kept. NOT_READY when the epoch has ended.
   */
  settle(transactionId: string, seq: number, answer: Uint8Array, epoch: number): Promise<Uint8Array>;
  /**
   * The decision is in the journal. Again: no effect. NOT_READY when the id has no claim at that place (any more): the store
   * was restored without it, and its record does not count.
   */
  confirm(confirmation: Confirmation): Promise<Confirmed>;
  /** The record given this place in `epoch` is in the journal. NOT_READY when the epoch has ended: then the record may not count. */
  confirmPlaced(seq: number, epoch: number): Promise<void>;
  /** Begun at least `ageMs` ago, oldest first, the first `skip` left out, at most `limit`. */
  unfinished(ageMs: number, limit: number, skip?: number): Promise<readonly Unfinished[]>;
  /** Whole histories; no claim unconfirmed has a seq below `settledBefore`. */
  histories(keys: readonly Uint8Array[]): Promise<{ readonly settledBefore: number; readonly histories: readonly Uint8Array[] }>; // prettier-ignore
  /** Puts a newer image in place of the history’s, with `head` as historyHead writes it; false when it is no newer. */
  compact(key: Uint8Array, head: Uint8Array): Promise<boolean>;
}
