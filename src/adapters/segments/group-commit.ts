/**
 * Group commit: records are encoded into one block while the block before is on its way to the disk.
 *
 * One write is in flight at a time and no timer is involved: the next block starts when the one before is durable,
 * or, on an idle journal, at the end of the present turn of the event loop. Any failure is final.
 */
import { SentinelError } from '../../domain/errors.ts';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, type Mac, sealBlock } from '../../journal/block.ts';
import { type ByteWriter, createByteWriter, viewOf } from '../../journal/bytes.ts';
import { type BytePrimitives, putRecord } from '../../journal/frame.ts';
import { type JournalRecord, place, type Unplaced } from '../../journal/record.ts';
import { SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';

/** Room before each block for the header of a segment it may have to begin. */
export const BLOCK_AT = SEGMENT_HEADER_BYTES;
const FIRST_BUFFER_BYTES = 256 * 1024;
/** A block this long is closed even though the one before is still in flight: bounds the memory of one write. */
const FULL_BLOCK_BYTES = 4 * 1024 * 1024;
/**
 * Room made before a record is encoded, more than nearly every record takes. A write past the end of a buffer would
 * be refused and repeated with more room, but once it has happened V8 checks every later write the slow way (twice the
 * cost of a record, measured).
 */
const ROOM_BYTES = 32 * 1024;
/** Buffers kept for reuse: one filling, one in flight. */
const SPARE_BUFFERS = 2;

export interface Block {
  readonly writer: ByteWriter;
  readonly firstSeq: number;
  readonly records: JournalRecord[];
  /** How many records answer an id. */
  decisions: number;
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface GroupCommitOptions {
  readonly primitives: BytePrimitives;
  readonly mac: Mac;
  /** Largest block, header included, that a segment can hold. */
  readonly blockLimit: number;
  readonly nextSeq: number;
  /** MAC of the last committed block. */
  readonly chainMac: Uint8Array;
  /** Writes bytes[BLOCK_AT, end) of the sealed block durably. */
  write(
    block: Block,
    bytes: Uint8Array,
    end: number,
    previousMac: Uint8Array,
    done: (error: Error | null) => void,
  ): void;
  /** Called when a block has become durable, before its appenders go on and the next block is written. */
  onDurable(block: Block, mac: Uint8Array): void;
  /** Called when the next block is on its way. */
  onCommitted(block: Block): void;
  onFailure(error: Error): void;
}

export interface GroupCommit {
  /** Encodes the record into the present block; returns where, and the promise of its block. */
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

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { primitives, mac, blockLimit } = options;
  const pool: Uint8Array[] = [];
  const waiting: Block[] = [];
  let seq = options.nextSeq;
  let chainMac = options.chainMac;
  let filling: Block | undefined;
  let inFlight: Block | undefined;
  let scheduled = false;
  let failure: Error | undefined;

  const newBlock = (): Block => {
    const writer = createByteWriter(pool.pop() ?? new Uint8Array(Math.min(FIRST_BUFFER_BYTES, BLOCK_AT + blockLimit)));
    writer.at = BLOCK_AT + BLOCK_HEADER_BYTES;
    let resolve!: () => void;
    let reject!: (error: Error) => void;
    const committed = new Promise<void>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    committed.catch(() => undefined); // the failure reaches whoever waits; nobody waiting is no second failure
    return { writer, firstSeq: seq, records: [], decisions: 0, committed, resolve, reject };
  };

  /** Encodes, with a larger buffer or in a fresh block where the record does not fit; undefined when it never will. */
  const encode = (record: Unplaced): { block: Block; offset: number } | undefined => {
    for (;;) {
      const block = (filling ??= newBlock());
      if (block.writer.bytes.length - block.writer.at < ROOM_BYTES) enlarge(block.writer, BLOCK_AT + blockLimit);
      const offset = block.writer.at - BLOCK_AT;
      const fits = offset < Math.min(FULL_BLOCK_BYTES, blockLimit);
      if (fits || block.records.length === 0) {
        const length = putRecord(block.writer, record, seq, primitives);
        if (length > 0 && block.writer.at + BLOCK_TRAILER_BYTES <= block.writer.bytes.length) return { block, offset };
        block.writer.at -= length;
      }
      if (block.records.length > 0 && (!fits || block.writer.bytes.length >= BLOCK_AT + blockLimit)) {
        waiting.push(block);
        filling = undefined;
      } else if (!enlarge(block.writer, BLOCK_AT + blockLimit)) {
        return undefined;
      }
    }
  };

  const start = (): void => {
    scheduled = false;
    if (inFlight !== undefined || failure !== undefined) return;
    let block = waiting.shift();
    if (block === undefined) {
      if (filling === undefined || filling.records.length === 0) return;
      block = filling;
      filling = undefined;
    }
    inFlight = block;
    const { writer } = block;
    writer.at += BLOCK_TRAILER_BYTES;
    const { bytes, view, at: end } = writer;
    const previousMac = chainMac;
    const content = { count: block.records.length, firstSeq: block.firstSeq, previousMac };
    const own = sealBlock(bytes, view, { start: BLOCK_AT, end }, content, mac);
    options.write(block, bytes, end, previousMac, (error) => {
      if (error === null) finish(block, own);
      else fail(error);
    });
  };

  const finish = (block: Block, own: Uint8Array): void => {
    if (failure !== undefined) return;
    inFlight = undefined;
    chainMac = own;
    if (pool.length < SPARE_BUFFERS && block.writer.bytes.length <= 2 * FULL_BLOCK_BYTES) pool.push(block.writer.bytes);
    options.onDurable(block, own);
    block.resolve();
    start();
    options.onCommitted(block);
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
      const encoded = encode(record);
      if (encoded === undefined) throw new RangeError(`a ${record.type} record exceeds ${blockLimit} bytes`);
      const { block, offset } = encoded;
      block.records.push(place(record, seq));
      if (record.type === 'decision') block.decisions += 1;
      seq += 1;
      if (!scheduled && inFlight === undefined) {
        scheduled = true;
        setImmediate(start);
      }
      return { seq: seq - 1, offset, committed: block.committed };
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
