/** Messages that arrive on a topic, each handled once with all it leads to. */
import { type JournalRecord } from '../journal/record.ts';

export interface StreamMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  /** As sent; empty when it had none. */
  readonly value: Uint8Array;
  /** When it was sent or taken in, as the topic is set, epoch milliseconds. */
  readonly timestampMs: number;
  /** Version of what `value` is written in. */
  readonly schemaVersion: number;
}

/** What is sent on because of a message. */
export interface StreamSend {
  readonly topic: 'decisions' | 'alerts';
  readonly key: string;
  readonly value: string;
}

/** What came of one message. Dead ones are kept aside with the reason, byte for byte. */
export type StreamOutcome =
  | {
      readonly kind: 'handled';
      readonly sends: readonly StreamSend[];
      /** Records with their seq, for the journal. */
      readonly records: readonly JournalRecord[];
    }
  | { readonly kind: 'dead'; readonly reason: string; readonly error: string };

/**
 * Takes messages of one partition in order, returns one outcome each. A message may come again after a crash or a lost
 * connection, as long as its outcome was not committed. An error of kind `unavailable` means that something else is out of
 * order: the same messages come again, later and later. With any other error each message is tried alone, and the one
 * that keeps failing is dead.
 */
export type StreamHandler = (messages: readonly StreamMessage[]) => Promise<readonly StreamOutcome[]>;

/** How the stream stands. */
export interface StreamStatus {
  /** `waiting`: something the handler needs is out of order. */
  readonly state: 'starting' | 'running' | 'waiting' | 'failed' | 'closed';
  readonly partitions: readonly number[];
  readonly handled: number;
  readonly dead: number;
  /** Transactions that were given up and their messages taken again. */
  readonly repeated: number;
  /** Why it waits or failed. */
  readonly problem?: string;
}

/** Outcomes become visible all together with the place in the topic, or not at all. */
export interface TransactionStream {
  status(): StreamStatus;
  /** Messages of the topic that no worker has finished. */
  lag(): Promise<number>;
  /** Finishes the batch at hand, leaves the rest to others. */
  close(): Promise<void>;
}
