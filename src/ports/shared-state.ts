/** What instances share beside profiles: labels in force, published tables, versions, who leads, how it is restored. */
import { type MessagePlace } from '../journal/record.ts';
import { type Placed, type Place } from './online-store.ts';

/** What is known about labels of one payment; given back as it is, it is the condition of a change. */
export interface LabelState {
  readonly payment: 'unknown' | 'pending' | 'answered';
  /** The decision’s frame while it is kept. */
  readonly answer?: Uint8Array;
  /** The place of the decision of a payment answered. */
  readonly decided?: Place;
  /** The label record in force. */
  readonly inForce?: Placed;
  /** Label records that came before the payment, the latest of each source, in order. */
  readonly waiting: readonly Placed[];
}

export interface LabelChange {
  readonly transactionId: string;
  readonly given: LabelState;
  /** The record to be placed, without its place. */
  readonly frame: Uint8Array;
  /** It comes into force; it waits for its payment; it changes neither. */
  readonly becomes: 'in force' | 'waiting' | 'nothing';
  /** Those that go on waiting beside it, in order. */
  readonly left: readonly Placed[];
  /** Names the message it came as, if it did. */
  readonly message?: string;
  /** What it adds to the history of each entity, when it changes any. */
  readonly added?: { readonly event: Uint8Array; readonly keys: readonly Uint8Array[] };
}

/** A record that touches no profile. `tables`: the version it publishes; `inForce`: what it puts in place of what. */
export interface PlainRecord {
  readonly frame: Uint8Array;
  readonly tables?: number;
  readonly inForce?: { readonly subject: string; readonly before: string | undefined; readonly version: string };
}

export interface AnsweredPayment {
  readonly transactionId: string;
  readonly requestHash: string;
  readonly place: Place;
  readonly message?: MessagePlace;
}

/** Labels of one payment; those waiting in order. */
export interface RestoredLabels {
  readonly transactionId: string;
  readonly inForce?: Placed;
  readonly waiting: readonly Placed[];
}

/** Fills a store that is being restored; it opens with all of it or not at all. */
export interface Restoration {
  /** The store's when it is open: larger than any there was. */
  readonly epoch: number;
  /** Whole histories, by entity. */
  histories(histories: readonly { readonly key: Uint8Array; readonly history: Uint8Array }[]): Promise<void>;
  answered(decisions: readonly AnsweredPayment[]): Promise<void>;
  /** After the decisions: labels that wait for one of them are left to be bound. */
  labels(labels: readonly RestoredLabels[]): Promise<void>;
  /** Messages whose labels are on record, and since when. */
  messages(messages: readonly { readonly message: string; readonly arrivalMs: number }[]): Promise<void>;
  tables(version: number, record: Placed): Promise<void>;
  inForce(subject: string, version: string): Promise<void>;
  /** Opens the store behind `last`; false when another restoration has begun since. */
  open(last: Place, tablesVersion: number): Promise<boolean>;
}

/** Failure as in OnlineStore. A condition no longer true makes a call return undefined, and nothing is changed. */
export interface SharedState {
  labels(transactionId: string): Promise<LabelState>;
  /**
   * The label as placed: of a message that came before, as it was placed then, and nothing is changed. 'on record': it came
   * before the store was restored; its place is of an earlier epoch, in which nothing may be written any more.
   */
  placeLabel(change: LabelChange): Promise<Placed | 'on record' | undefined>;
  /** Ids with labels that have waited since before `arrivalMs`, oldest first. */
  waitingSince(arrivalMs: number, limit: number): Promise<readonly string[]>;
  place(record: PlainRecord): Promise<Place | undefined>;
  /** The record of the tables of this version. */
  tables(version: number): Promise<Placed | undefined>;
  /** Version of the tables in force; 0 before the first. */
  tablesVersion(): Promise<number>;
  inForce(subject: string): Promise<string | undefined>;
  /** Takes or keeps the role for `forMs`; a number that grows with every change of owner, undefined while another has it. */
  lead(role: string, owner: string, forMs: number): Promise<number | undefined>;
  /** Whether `name` may make `calls` calls now: a bucket of `perSecond`, filled at that rate. */
  takeTokens(name: string, perSecond: number, calls: number): Promise<boolean>;
  /** Keeps `text` under a name, for `forMs` where given; also while the store is being restored. */
  tell(name: string, text: string, forMs?: number): Promise<void>;
  told(name: string): Promise<string | undefined>;
  /** Keeps `text` under a name that has none; resolves to the text it has then. */
  agree(name: string, text: string): Promise<string>;
  /**
   * Says that `owner` is here for `forMs`, running `version`; false, and nothing is said, while one of another version is here:
   * what one version keeps, another takes for lost. Also while the store is being restored.
   */
  attend(owner: string, version: string, forMs: number): Promise<boolean>;
  /** `owner` is here no longer. */
  leave(owner: string): Promise<void>;
  /** 'restoring' while profiles must be rebuilt before anything else can be done. */
  status(): Promise<'open' | 'restoring'>;
  /**
   * Begins anew, in an epoch larger than `above`: what the store held is dropped, and any restoration begun earlier can no
   * longer open it.
   */
  restore(above?: number): Promise<Restoration>;
}
