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

  /** The next frames there are in one piece, `limit` at most. */
  const takePiece = async (limit: number): Promise<Uint8Array<ArrayBuffer>> => {
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
    return joined(taken.map(({ frame }) => frame));
  };

  return {
    async take(limit) {
      const end = nextSeq + limit;
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      while (nextSeq < end && nextSeq <= headSeq()) pieces.push(await takePiece(end - nextSeq));
      return pieces.length === 1 ? pieces[0]! : joined(pieces);
    },
  };
}

/** The frames, one after the other. */
export function joined(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}
