/** Follows the segments as they grow, handing out frames as bytes. */
import { viewOf } from '../../journal/bytes.ts';
import { FRAME_HEADER_BYTES, frameLength } from '../../journal/frame.ts';
import { SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { type JournalTail } from '../../ports/journal.ts';
import { type Chunk, readChunks, type SegmentPart } from './reader.ts';
import { corrupt } from './segment-scan.ts';

/** `locate` tells the segment of a record, or of the first one after it; undefined while nothing later is committed. */
export function createTail(fromSeq: number, locate: (seq: number) => SegmentPart | undefined): JournalTail {
  let path: string | undefined;
  /** Where in that segment the next read begins, and the first record it is to bring. */
  let position = SEGMENT_HEADER_BYTES;
  let nextSeq = fromSeq;
  /** The record that lies at `position`. */
  let firstSeq = 0;
  /** Frames read and not taken yet begin at `at`. */
  let frames = new Uint8Array();
  let at = 0;

  const fill = async (): Promise<void> => {
    const place = locate(nextSeq);
    if (place === undefined) return;
    if (place.path !== path) {
      path = place.path;
      position = SEGMENT_HEADER_BYTES;
      firstSeq = place.firstSeq;
    }
    for await (const chunk of readChunks(path, { from: position, firstSeq, end: place.end }, nextSeq)) {
      frames = framesOf(chunk);
      at = 0;
      position = chunk.next;
      firstSeq = nextSeq = chunk.lastSeq + 1;
      return;
    }
  };

  return {
    async take(limit) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (let left = limit; left > 0;) {
        if (at === frames.length) await fill();
        if (at === frames.length) break;
        const view = viewOf(frames);
        let end = at;
        for (; left > 0 && end < frames.length; left -= 1) {
          const length = frameLength(view, end);
          if (length < FRAME_HEADER_BYTES || end + length > frames.length) {
            throw corrupt(path!, position, `the chunk before it holds the impossible record length ${length}`);
          }
          end += length;
        }
        parts.push(frames.slice(at, end));
        at = end;
      }
      return parts.length === 1 ? parts[0]! : joined(parts);
    },
  };
}

/** The runs of a chunk, one after the other. */
const framesOf = ({ bytes, runs }: Chunk): Uint8Array<ArrayBuffer> =>
  joined(runs.map(({ start, end }) => bytes.subarray(start, end)));

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
