/** A journal that lives in memory: for tests and for work whose outcome is thrown away. */
import { createHash } from 'node:crypto';
import { createByteWriter } from '../../journal/bytes.ts';
import { putRecord } from '../../journal/frame.ts';
import { type DecisionRecord, type JournalRecord, place, type Unplaced } from '../../journal/record.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createCommitListeners } from '../system/commit-listeners.ts';
import { refusedAppend } from '../system/refused-append.ts';
import { type Appended, type Journal, type JournalHead } from '../../ports/journal.ts';

/** Records handed out at a time by `read`. */
const BATCH = 256;
/** More than usual records take; doubled when they do not fit. */
const FRAME_ROOM_BYTES = 8 * 1024;

/** Nothing is durable; the chain is a plain hash over seqs and types, enough to tell one head from another. */
export function createMemoryJournal(): Journal {
  const records: JournalRecord[] = [];
  const decisions = new Map<string, DecisionRecord>();
  const listeners = createCommitListeners();
  let head: JournalHead = { seq: 0, mac: '' };
  let committing: Promise<void> | undefined;
  let closed = false;

  const commit = (): void => {
    committing = undefined;
    const block = records.slice(head.seq);
    const hash = createHash('sha256').update(head.mac);
    for (const record of block) hash.update(`${record.seq} ${record.type} ${record.arrivalMs}\n`);
    head = { seq: records.length, mac: hash.digest('hex') };
    if (!listeners.isEmpty()) listeners.tell(framesOf(block), () => block);
  };

  return {
    append<R extends JournalRecord>(record: Unplaced<R>): Appended<R> {
      const seq = records.length + 1;
      if (closed) return refusedAppend(record, seq);
      committing ??= Promise.resolve().then(commit);
      const appended = { seq, record: place(record, seq), committed: committing };
      const placed: JournalRecord = appended.record;
      records.push(placed);
      if (placed.type === 'decision' && !decisions.has(placed.transaction.transactionId)) {
        decisions.set(placed.transaction.transactionId, placed);
      }
      return appended;
    },
    head: () => head,
    nextSeq: () => records.length + 1,
    knownId(transactionId) {
      const known = decisions.get(transactionId);
      return known === undefined ? undefined : { seq: known.seq, requestHash: known.requestHash };
    },
    async findDecision(transactionId) {
      const found = decisions.get(transactionId);
      await committing;
      return found;
    },
    tail(fromSeq) {
      let next = Math.max(0, fromSeq - 1);
      return {
        take(limit) {
          const taken = records.slice(next, Math.min(next + limit, head.seq));
          next += taken.length;
          return Promise.resolve(framesOf(taken));
        },
      };
    },
    read: (fromSeq) => batches(records.slice(Math.max(0, fromSeq - 1), head.seq)),
    subscribe: listeners.subscribe,
    async close() {
      closed = true;
      await committing;
    },
  };
}

async function* batches(records: readonly JournalRecord[]): AsyncGenerator<readonly JournalRecord[], void> {
  for (let at = 0; at < records.length; at += BATCH) yield records.slice(at, at + BATCH);
}

/** The records as bytes, one frame after the other. */
export function framesOf(records: readonly JournalRecord[]): Uint8Array<ArrayBuffer> {
  for (let size = records.length * FRAME_ROOM_BYTES; ; size *= 2) {
    const bytes = new Uint8Array(size);
    const writer = createByteWriter(bytes);
    if (records.every((record) => putRecord(writer, record, record.seq, PRIMITIVES) > 0)) {
      return bytes.subarray(0, writer.at);
    }
  }
}
