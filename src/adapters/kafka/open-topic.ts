/** Opens the topic for writing: reads it to its end, remembers its ids and places, and takes it over. */
import { SentinelError } from '../../domain/errors.ts';
import { viewOf } from '../../journal/bytes.ts';
import { frameArrivalMs, frameTransactionId, isDecisionFrame, requestHashAt } from '../../journal/frame.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { type PlacedFrame } from './envelope.ts';
import { createIdIndex, type IdIndex, type IdIndexOptions } from './id-index.ts';
import { beginningOf, refuseEmptied, skipRemoved } from './beginning.ts';
import { createMerge } from './merge.ts';
import { openSoleWriter, type SoleWriter, type SoleWriterOptions } from './sole-writer.ts';
import { createStretches, type Stretches } from './stretches.ts';

export interface OpenTopicOptions extends Omit<SoleWriterOptions, 'merge' | 'onRead' | 'mode'>, IdIndexOptions {
  /** What was found and how it was taken, in a sentence. */
  readonly onNotice: (text: string) => void;
}

export interface Opened {
  readonly writer: SoleWriter;
  readonly head: JournalHead;
  readonly firstSeq: number;
  readonly stretches: Stretches;
  readonly ids: IdIndex;
}

/** Ids that leave exact memory for each that came, until it is as small as it should be. */
const RETIRED_PER_ID = 2;
/** Bytes of a request hash. */
const HASH_BYTES = 16;

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Throws JOURNAL_CORRUPT when something is damaged or missing. */
export async function openTopic(options: OpenTopicOptions): Promise<Opened> {
  const { topic, onNotice } = options;
  const begin = await beginningOf(options);
  const merge = createMerge(begin);
  const ids = createIdIndex(options);
  let stretches = createStretches(begin);
  let firstSeq = begin.seq;
  let last: PlacedFrame | undefined;

  const drain = (): void => {
    for (;;) {
      if (stretches.wants(merge.nextSeq())) stretches.add(merge.start());
      const record = merge.take();
      if (record === undefined) return;
      remember(ids, record);
      last = record;
    }
  };
  const skip = (): void =>
    skipRemoved(merge, begin, () => {
      firstSeq = merge.nextSeq();
      stretches = createStretches(merge.start());
      drain();
    });

  const writer = await openSoleWriter({ ...options, mode: 'sole', merge, onRead: drain });
  try {
    skip();
    if (merge.isSharedWaiting()) {
      throw new SentinelError('JOURNAL_CORRUPT', {
        place: `topic ${topic}, seq ${merge.nextSeq()}`,
        problem: 'several instances wrote this topic and left this payment in doubt; let one of them finish it first',
      });
    }
    if (merge.nextSeq() <= merge.durableTo()) {
      throw new SentinelError('JOURNAL_CORRUPT', {
        place: `topic ${topic}, seq ${merge.nextSeq()}`,
        problem: `the record is missing, although all up to ${merge.durableTo()} were durable`,
      });
    }
    if (last === undefined) refuseEmptied(topic, begin, merge.nextSeq());
    if (merge.dropped() > 0) {
      onNotice(`topic ${topic}: ${merge.dropped()} records that were repeated or never acknowledged do not count`);
    }
  } catch (error) {
    await writer.close();
    throw error;
  }
  const seq = merge.nextSeq() - 1;
  const head = { seq, mac: last?.seq === seq ? hex(last.mac) : '' }; // retention may have removed the last record, too
  return { writer, head, firstSeq, stretches, ids };
}

function remember(ids: IdIndex, { frame, seq }: PlacedFrame): void {
  const view = viewOf(frame);
  if (!isDecisionFrame(view, 0)) return;
  const hashAt = requestHashAt(0);
  const requestHash = hashText(view, hashAt);
  ids.add(frameTransactionId(frame, view, 0, PRIMITIVES), requestHash, seq, frameArrivalMs(view, 0));
  ids.retire(RETIRED_PER_ID);
}

/** The 16 bytes as 32 hex digits, word by word as journal/hash-bytes.ts writes them. */
function hashText(view: DataView, at: number): string {
  let text = '';
  for (let byte = 0; byte < HASH_BYTES; byte += 4)
    text += view
      .getUint32(at + byte, true)
      .toString(16)
      .padStart(8, '0');
  return text;
}
