/**
 * Group commit: records are encoded into one block while the block before is on its way to where it is durable.
 *
 * One block is in flight at a time and no timer is involved: the next one starts when the one before is durable, or, on
 * an idle journal, at the end of the present turn of the event loop. Any failure is final.
 */
import { SentinelError } from '../../domain/errors.ts';
import { type ByteWriter, createByteWriter, viewOf } from '../../journal/bytes.ts';
import { putRecord } from '../../journal/frame.ts';
import { type JournalRecord, place, type Unplaced } from '../../journal/record.ts';
import { PRIMITIVES } from './byte-primitives.ts';

const FIRST_BUFFER_BYTES = 256 * 1024;
/**
 * Room made before a record is encoded, more than nearly every record takes. A write past the end of a buffer would
 * be refused and repeated with more room, but once it has happened V8 checks every later write the slow way (twice the
 * cost of a record, measured).
 */
const ROOM_BYTES = 32 * 1024;
/** Buffers kept for reuse: one filling, one in flight. */
const SPARE_BUFFERS = 2;

export interface Block {
  /** Its bytes hold the frames; it stands behind the last one until the block is written. */
  readonly writer: ByteWriter;
  readonly firstSeq: number;
  readonly records: JournalRecord[];
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface CommitQueueOptions {
  readonly nextSeq: number;
  /** Where a block begins in its buffer; default 0. */
  readonly blockAt?: number;
  /** Room in a block before its first frame and behind its last one; default 0. */
  readonly headerBytes?: number;
  readonly trailerBytes?: number;
  /** Largest block. */
  readonly limitBytes: number;
  /** A block this long, or of so many records, takes no more of them even though the one before is still in flight. */
  readonly fullBytes: number;
  readonly fullRecords?: number;
  /** Makes the block durable. */
  readonly write: (block: Block, done: (error: Error | null) => void) => void;
  /** Called when a block has become durable, before its appenders go on and the next block is written. */
  readonly onDurable: (block: Block) => void;
  /** Called when the next block is on its way; the block's bytes are used again afterwards. */
  readonly onCommitted: (block: Block) => void;
  readonly onFailure: (error: Error) => void;
}

export interface CommitQueue {
  /**
   * Encodes the record into the present block; returns its place, where its frame begins in the block, and the promise of
   * the block. Throws a RangeError when no block can hold it.
   */
  append(record: Unplaced): { readonly seq: number; readonly offset: number; readonly committed: Promise<void> };
  nextSeq(): number;
  /** The promise of the block that holds `seq`; undefined when it is durable. */
  pending(seq: number): Promise<void> | undefined;
  failure(): Error | undefined;
  /** Bytes of all that is not durable yet, some headers counted too often. */
  pendingBytes(): number;
  /** Resolves when all that was appended is durable; rejects when it never will be. */
  drain(): Promise<void>;
}

export function createCommitQueue(options: CommitQueueOptions): CommitQueue {
  const { blockAt = 0, headerBytes = 0, trailerBytes = 0, limitBytes, fullBytes, fullRecords = Infinity } = options;
  const bufferLimit = blockAt + limitBytes;
  const pool: Uint8Array[] = [];
  const waiting: Block[] = [];
  let seq = options.nextSeq;
  let filling: Block | undefined;
  let inFlight: Block | undefined;
  let scheduled = false;
  let failure: Error | undefined;

  const newBlock = (): Block => {
    const writer = createByteWriter(pool.pop() ?? new Uint8Array(Math.min(FIRST_BUFFER_BYTES, bufferLimit)));
    writer.at = blockAt + headerBytes;
    let resolve!: () => void;
    let reject!: (error: Error) => void;
    const committed = new Promise<void>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    committed.catch(() => undefined); // the failure reaches whoever waits; nobody waiting is no second failure
    return { writer, firstSeq: seq, records: [], committed, resolve, reject };
  };

  /** Encodes into the filling block, with a larger buffer or a fresh block where the record does not fit; returns where. */
  const encode = (record: Unplaced): number => {
    for (;;) {
      const block = (filling ??= newBlock());
      const { writer, records } = block;
      if (writer.bytes.length - writer.at < ROOM_BYTES) enlarge(writer, bufferLimit);
      const { at } = writer;
      const isFull = records.length > 0 && (at - blockAt >= fullBytes || records.length >= fullRecords);
      if (!isFull && putRecord(writer, record, seq, PRIMITIVES) > 0) {
        if (writer.at + trailerBytes <= writer.bytes.length) return at;
        writer.at = at;
      }
      if (isFull || (records.length > 0 && writer.bytes.length >= bufferLimit)) {
        waiting.push(block);
        filling = undefined;
      } else if (!enlarge(writer, bufferLimit)) {
        throw new RangeError(`a ${record.type} record exceeds ${limitBytes} bytes`);
      }
    }
  };

  const start = (): void => {
    scheduled = false;
    if (inFlight !== undefined || failure !== undefined) return;
    const block = waiting.shift() ?? filling;
    if (block === undefined || block.records.length === 0) return;
    if (block === filling) filling = undefined;
    inFlight = block;
    options.write(block, (error) => {
      if (error === null) finish(block);
      else fail(error);
    });
  };

  const finish = (block: Block): void => {
    if (failure !== undefined) return;
    inFlight = undefined;
    options.onDurable(block);
    block.resolve();
    start();
    options.onCommitted(block);
    const { bytes } = block.writer;
    if (pool.length < SPARE_BUFFERS && bytes.length <= 2 * fullBytes) pool.push(bytes);
  };

  const fail = (error: Error): void => {
    if (failure !== undefined) return;
    failure = error;
    for (const block of blocks()) block.reject(new SentinelError('JOURNAL_UNAVAILABLE', {}, error));
    options.onFailure(error);
  };

  /** All that is not durable yet, in order. */
  const blocks = (): Block[] =>
    [inFlight, ...waiting, filling].filter((block) => block !== undefined).filter(({ records }) => records.length > 0);

  return {
    append(record) {
      const at = encode(record);
      const { records, committed } = filling!;
      records.push(place(record, seq));
      seq += 1;
      if (!scheduled && inFlight === undefined) {
        scheduled = true;
        setImmediate(start);
      }
      return { seq: seq - 1, offset: at - blockAt, committed };
    },
    nextSeq: () => seq,
    pending: (wanted) =>
      blocks().find((block) => wanted >= block.firstSeq && wanted < block.firstSeq + block.records.length)?.committed,
    failure: () => failure,
    pendingBytes: () => blocks().reduce((sum, { writer }) => sum + writer.at, 0),
    async drain() {
      for (let last = blocks().at(-1); last !== undefined; last = blocks().at(-1)) {
        if (failure === undefined && inFlight === undefined) start();
        await last.committed;
      }
    },
  };
}

/** Gives the writer twice the room, up to `limit`; false when it had that already. */
function enlarge(writer: ByteWriter, limit: number): boolean {
  if (writer.bytes.length >= limit) return false;
  const larger = new Uint8Array(Math.min(limit, 2 * writer.bytes.length));
  larger.set(writer.bytes.subarray(0, writer.at));
  writer.bytes = larger;
  writer.view = viewOf(larger);
  return true;
}
