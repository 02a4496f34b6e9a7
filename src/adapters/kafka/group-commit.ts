/**
 * Group commit to a topic: records are encoded into one block while the block before is on its way to the brokers.
 *
 * One block is in flight at a time and no timer is involved: the next one starts when the one before is acknowledged, or,
 * on an idle journal, at the end of the present turn of the event loop. Any failure is final.
 */
import { SentinelError } from '../../domain/errors.ts';
import { type ByteWriter, createByteWriter, viewOf } from '../../journal/bytes.ts';
import { putRecord } from '../../journal/frame.ts';
import { type JournalRecord, place, type Unplaced } from '../../journal/record.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';

const FIRST_BUFFER_BYTES = 256 * 1024;
/** A block this long is closed: all of it may go to one partition, whose batch Kafka bounds at 1 MiB unless told otherwise. */
const FULL_BLOCK_BYTES = 900 * 1024;
/** kafkajs groups the messages of a request in quadratic time: so many cost nothing yet. */
const FULL_BLOCK_RECORDS = 512;
/** Room made before a record is encoded, more than nearly every record takes: a write past the end would be repeated. */
const ROOM_BYTES = 32 * 1024;
/** The largest record: the topic's own limit less what the message adds. */
export const RECORD_LIMIT_BYTES = 8 * 1024 * 1024 - 1024;
/** Buffers kept for reuse: one filling, one in flight. */
const SPARE_BUFFERS = 2;

export interface Block {
  readonly writer: ByteWriter;
  readonly firstSeq: number;
  readonly records: JournalRecord[];
  /** Where each frame begins in the writer's bytes; the last one ends where the writer stands. */
  readonly starts: number[];
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface GroupCommitOptions {
  readonly nextSeq: number;
  /** Makes the block durable. */
  readonly write: (block: Block) => Promise<void>;
  /** Called when a block has become durable, before its appenders go on and the next block is written. */
  readonly onDurable: (block: Block) => void;
  /** Called when the next block is on its way. */
  readonly onCommitted: (block: Block) => void;
  readonly onFailure: (error: Error) => void;
}

export interface GroupCommit {
  /** Encodes the record into the present block; returns its place and the promise of its block. */
  append(record: Unplaced): { readonly seq: number; readonly committed: Promise<void> };
  nextSeq(): number;
  /** The promise of the block that holds `seq`; undefined when it is durable. */
  pending(seq: number): Promise<void> | undefined;
  failure(): Error | undefined;
  /** Ends everything that is not durable yet. */
  fail(error: Error): void;
  /** Resolves when all that was appended is durable; rejects when it never will be. */
  drain(): Promise<void>;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const pool: Uint8Array[] = [];
  const waiting: Block[] = [];
  let seq = options.nextSeq;
  let filling: Block | undefined;
  let inFlight: Block | undefined;
  let scheduled = false;
  let failure: Error | undefined;

  const newBlock = (): Block => {
    let resolve!: () => void;
    let reject!: (error: Error) => void;
    const committed = new Promise<void>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    committed.catch(() => undefined); // the failure reaches whoever waits; nobody waiting is no second failure
    const writer = createByteWriter(pool.pop() ?? new Uint8Array(FIRST_BUFFER_BYTES));
    return { writer, firstSeq: seq, records: [], starts: [], committed, resolve, reject };
  };

  const start = (): void => {
    scheduled = false;
    if (inFlight !== undefined || failure !== undefined) return;
    const block = waiting.shift() ?? filling;
    if (block === undefined) return;
    if (block === filling) filling = undefined;
    inFlight = block;
    options.write(block).then(() => finish(block), fail);
  };

  const finish = (block: Block): void => {
    if (failure !== undefined) return;
    inFlight = undefined;
    options.onDurable(block);
    block.resolve();
    start();
    options.onCommitted(block);
    const { bytes } = block.writer;
    if (pool.length < SPARE_BUFFERS && bytes.length <= 2 * FULL_BLOCK_BYTES) pool.push(bytes);
  };

  const fail = (error: Error): void => {
    if (failure !== undefined) return;
    failure = error;
    for (const block of blocks()) block.reject(new SentinelError('JOURNAL_UNAVAILABLE', {}, error));
    options.onFailure(error);
  };

  /** All that is not durable yet, in order. */
  const blocks = (): Block[] => [inFlight, ...waiting, filling].filter((block) => block !== undefined);

  return {
    append(record) {
      const block = filling ?? newBlock();
      const at = block.writer.at;
      encode(block.writer, record, seq);
      filling = block;
      block.starts.push(at);
      block.records.push(place(record, seq));
      seq += 1;
      if (block.writer.at >= FULL_BLOCK_BYTES || block.records.length >= FULL_BLOCK_RECORDS) {
        waiting.push(block);
        filling = undefined;
      }
      if (!scheduled && inFlight === undefined) {
        scheduled = true;
        setImmediate(start);
      }
      return { seq: seq - 1, committed: block.committed };
    },
    nextSeq: () => seq,
    pending: (wanted) =>
      blocks().find((block) => wanted >= block.firstSeq && wanted < block.firstSeq + block.records.length)?.committed,
    failure: () => failure,
    fail,
    async drain() {
      for (let last = blocks().at(-1); last !== undefined; last = blocks().at(-1)) {
        if (failure === undefined && inFlight === undefined) start();
        await last.committed;
      }
    },
  };
}

/** Appends the record's frame, with more room where it does not fit. Throws a RangeError when it is too long. */
function encode(writer: ByteWriter, record: Unplaced, seq: number): void {
  if (writer.bytes.length - writer.at < ROOM_BYTES) enlarge(writer);
  while (putRecord(writer, record, seq, PRIMITIVES) === 0) {
    if (writer.bytes.length - writer.at > RECORD_LIMIT_BYTES) {
      throw new RangeError(`a ${record.type} record exceeds ${RECORD_LIMIT_BYTES} bytes`);
    }
    enlarge(writer);
  }
}

function enlarge(writer: ByteWriter): void {
  const larger = new Uint8Array(2 * writer.bytes.length);
  larger.set(writer.bytes.subarray(0, writer.at));
  writer.bytes = larger;
  writer.view = viewOf(larger);
}
