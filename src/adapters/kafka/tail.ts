/** Follows the topic as bytes: from memory where it is close behind, else from the brokers. */
import { type JournalTail } from '../../ports/journal.ts';
import { type Cursor } from './cursor.ts';
import { type PlacedFrame } from './envelope.ts';
import { type RecentFrames } from './recent-frames.ts';

export interface TailSources {
  readonly headSeq: () => number;
  readonly recent: RecentFrames;
  /** A cursor that comes by `seq`. */
  readonly cursorAt: (seq: number) => Cursor;
}

export function createTail(fromSeq: number, { headSeq, recent, cursorAt }: TailSources): JournalTail {
  let nextSeq = fromSeq;
  let cursor: Cursor | undefined;
  /** Read from the brokers and not taken yet; the first one is `nextSeq`. */
  let waiting: readonly PlacedFrame[] = [];

  return {
    async take(limit) {
      if (nextSeq > headSeq() || limit < 1) return new Uint8Array();
      if (waiting.length === 0) {
        const frames = recent.from(nextSeq, limit);
        if (frames !== undefined) {
          nextSeq += frames.count;
          cursor = undefined;
          return frames.bytes;
        }
      }
      while (waiting.length === 0) {
        cursor ??= cursorAt(nextSeq);
        waiting = (await cursor.take(headSeq())).filter(({ seq }) => seq >= nextSeq);
      }
      const taken = waiting.slice(0, limit);
      waiting = waiting.slice(limit);
      nextSeq += taken.length;
      return joined(taken);
    },
  };
}

/** The frames, one after the other. */
export function joined(records: readonly PlacedFrame[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(records.reduce((sum, { frame }) => sum + frame.length, 0));
  let at = 0;
  for (const { frame } of records) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}
