/** A journal as the bytes of its records, for moves from one place to another. */

export interface JournalFrames {
  /**
   * The committed records as of the call, from the first one kept on, in order of `seq`, some frames at a time, valid
   * until the next are asked for. Each is checked: rejects JOURNAL_CORRUPT when one is damaged or missing.
   */
  frames(): AsyncIterable<Uint8Array>;
}

/** What is being written behind a journal. */
export interface FrameSink {
  /** Takes consecutive frames, whole ones. */
  write(frames: Uint8Array): Promise<void>;
  /** Durable on return. */
  close(): Promise<void>;
}

/** Where a journal can be moved to: what is there stays, the rest is written behind it. */
export interface JournalTarget extends JournalFrames {
  /** For the words of errors. */
  readonly name: string;
  /** Takes the place over for the record `seq`: the next one there, or the first one where nothing is. Rejects USAGE. */
  open(seq: number): Promise<FrameSink>;
}
