/** A journal as it is walked to be proved, wherever it lies. */
import { type JournalProblem } from '../adapters/segments/verify.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type JournalHead } from '../ports/journal.ts';

/** What all storage can tell of a journal. */
export interface StorageFacts {
  readonly records: number;
  /** `seq` of the first record still kept; 0 when the journal is empty. */
  readonly firstSeq: number;
  readonly head: JournalHead;
  readonly problems: number;
}

export interface SegmentFacts extends StorageFacts {
  readonly segments: number;
  readonly blocks: number;
}

export interface TopicFacts extends StorageFacts {
  readonly topic: string;
  readonly partitions: number;
  /** Claims, and records that do not count, included. */
  readonly messages: number;
  /** Records behind a place that nobody has filled yet. */
  readonly waiting: number;
  readonly seals: number;
  /** Messages behind the last seal of their partition. */
  readonly unsealed: number;
}

export type TakeRecord = (record: JournalRecord) => Promise<void>;

export interface JournalEvidence {
  /** Hands over all records in order, and checks everything that storage can tell. */
  inspect(take: TakeRecord, onProblem: (problem: JournalProblem) => void): Promise<SegmentFacts | TopicFacts>;
  /** The records again, up to one of those inspected. */
  replay(throughSeq: number, take: TakeRecord): Promise<void>;
}
