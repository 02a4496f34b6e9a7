/** What a journal holds, in so few words that two of them can be compared. */
import { viewOf } from '../journal/bytes.ts';
import { frameLength, frameSeq } from '../journal/frame.ts';

export interface JournalSurvey {
  readonly records: number;
  /** `seq` of the first and the last record; 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** SHA-256 over all frames in order, hex. */
  readonly sha256: string;
}

/** A hash that goes on after it was read. */
export interface Digest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

export interface Surveyor {
  /** Takes consecutive frames that follow those before. */
  add(frames: Uint8Array): void;
  read(): JournalSurvey;
}

export function createSurveyor(digest: Digest): Surveyor {
  let records = 0;
  let firstSeq = 0;
  let lastSeq = 0;
  return {
    add(frames) {
      const view = viewOf(frames);
      for (let at = 0; at < frames.length; at += frameLength(view, at)) {
        lastSeq = frameSeq(view, at);
        if (records === 0) firstSeq = lastSeq;
        records += 1;
      }
      digest.update(frames);
    },
    read: () => ({ records, firstSeq, lastSeq, sha256: digest.hex() }),
  };
}

/** Those of consecutive frames with a seq in [fromSeq, throughSeq]. */
export function framesWithin(frames: Uint8Array, fromSeq: number, throughSeq: number): Uint8Array {
  const view = viewOf(frames);
  let start = 0;
  while (start < frames.length && frameSeq(view, start) < fromSeq) start += frameLength(view, start);
  let end = start;
  while (end < frames.length && frameSeq(view, end) <= throughSeq) end += frameLength(view, end);
  return frames.subarray(start, end);
}
