/** Messages that arrive on topics, each handled once with all it leads to. */
import { type JournalRecord } from '../journal/record.ts';

export interface StreamMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  /** As sent; empty when it had none. */
  readonly value: Uint8Array;
  /** When it was sent or taken in, as the topic is set, epoch milliseconds. */
  readonly timestampMs: number;
  /** Version of what `value` is written in, as sent. */
  readonly schemaVersion: string;
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

/** What came of messages, on its way to become visible. */
export interface HandledMessages {
  /** Under which the records count; there is one for all of them. */
  readonly epoch: number;
  /** One for each message, in order. */
  readonly outcomes: readonly StreamOutcome[];
  /** Called when all outcomes are written and none is visible yet. Rejects when they must not become so: the messages come again. */
  check(): Promise<void>;
  /** Called once they are visible; does not reject. */
  committed(): Promise<void>;
}

/**
 * Takes messages of one partition in order. A message may come again after a crash or a lost connection, as long as its
 * outcome was not committed. An error of kind `unavailable` means that something else is out of order: the same messages
 * come again, later and later. With any other error each message is tried alone, and the one that keeps failing is dead.
 */
export type StreamHandler = (messages: readonly StreamMessage[]) => Promise<HandledMessages>;

/** How the stream stands. */
export interface StreamStatus {
  /** `waiting`: something the handler needs is out of order. */
  readonly state: 'starting' | 'running' | 'waiting' | 'failed' | 'closed';
  /** Partitions worked on here. */
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
  readonly handled: number;
  readonly dead: number;
  /** Transactions that were given up and their messages taken again. */
  readonly repeated: number;
  /** Why it waits or failed. */
  readonly problem?: string;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Messages that no worker has finished. */
  readonly messages: number;
}

/** Outcomes become visible all together with the place in the topic, or not at all. */
export interface TransactionStream {
  status(): StreamStatus;
  /** Of all partitions, whoever works on them. */
  lag(): Promise<readonly PartitionLag[]>;
  /** Finishes the batch at hand, leaves the rest to others. */
  close(): Promise<void>;
}
