/** The embedded journal: local segment files, group commit, one keyed chain. */
import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS } from '../../domain/time.ts';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { type DecisionRecord, type JournalRecord, type Unplaced } from '../../journal/record.ts';
import { putSegmentHeader, SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { type Appended, type Journal, type JournalHead } from '../../ports/journal.ts';
import { removeTemporaries } from './atomic-file.ts';
import { type ChainKey, createChainKey, readChainKey } from './chain-key.ts';
import { DISK, type Disk, freeBytes, syncDirectory } from './disk.ts';
import { BLOCK_AT, createGroupCommit } from './group-commit.ts';
import { createIdMemory } from '../../journal/id-memory.ts';
import { createCommitListeners } from '../system/commit-listeners.ts';
import { type Block } from '../system/commit-queue.ts';
import { takeLock } from '../system/lock.ts';
import { findDecisionIn, hex, macAt } from './look-up.ts';
import { createMac } from '../system/mac.ts';
import { refusedAppend } from '../system/refused-append.ts';
import { readRecord, readRecords, type SegmentPart } from './reader.ts';
import { checkPublished, recover, type Recovered, segmentNumbers } from './recovery.ts';
import { createSealedSegments } from './sealed-segments.ts';
import {
  allocate,
  closeSegment,
  createSpare,
  indexPath,
  openSegment,
  segmentPath,
  type WritableSegment,
} from './segment-files.ts';
import { type SegmentSummary } from './segment-index.ts';
import { createTail } from './tail.ts';
import { refuseUnfinishedImport } from './unfinished-import.ts';

const MIB = 1024 * 1024;
/** 64 MB hold some 30,000 decisions: a scan of the open segment at start takes a fraction of a second. */
const SEGMENT_BYTES = 64 * MIB;
/** Room the last segment of a full disk keeps for what is on its way: share of the segment, and bytes at most. */
const [RESERVED_SHARE, RESERVED_BYTES] = [1 / 8, MIB];
const EXACT_WINDOW_MS = 7 * DAY_MS;
/** Ids remembered exactly at most, some 64 B each; older ones cost 8–16 B. */
const EXACT_LIMIT = 8_000_000;
/** Ids that leave exact memory after each commit, per id that came: two let memory shrink again after a burst. */
const RETIRED_PER_ID = 2;

export interface SegmentJournalOptions {
  readonly directory: string;
  /** Where the chain's key is, or is made when the journal is new; default `chain.key` in the directory. */
  readonly keyFile?: string;
  readonly segmentBytes?: number;
  readonly exactWindowMs?: number;
  readonly exactLimit?: number;
  /** A head that was told to the world: the journal must reach it by the same chain. */
  readonly published?: JournalHead;
  readonly disk?: Disk;
  /** After each commit: records, bytes written, microseconds until they were durable. */
  readonly onCommit?: (records: number, bytes: number, syncUs: number) => void;
  /** The journal failed and takes nothing more: the process should end and start again. */
  readonly onPoison?: (error: Error) => void;
  /** What was found and repaired, in a sentence. */
  readonly onNotice?: (text: string) => void;
  /** The next segment cannot be made (an error), or can again (undefined); each is told once. */
  readonly onSpace?: (error: Error | undefined) => void;
  readonly onSealed?: (summary: SegmentSummary) => void;
}

export interface SegmentJournal extends Journal {
  /** The sealed segments in order. */
  segments(): readonly SegmentSummary[];
  /** MAC of the block that ends with `seq`, hex; '' for 0; undefined when no block ends there. */
  macAt(seq: number): Promise<string | undefined>;
  /** Deletes the sealed segments that end before `seq`, whole and for good; returns how many. */
  dropBefore(seq: number): Promise<number>;
  /** Bytes held to remember ids. */
  memoryBytes(): number;
}

/**
 * Opens the journal of a directory, or begins one. Throws ALREADY_RUNNING when a live process has it, JOURNAL_CORRUPT
 * with file, byte and problem when it is damaged, JOURNAL_UNFINISHED when it was not imported to its end.
 */
export async function openSegmentJournal(options: SegmentJournalOptions): Promise<SegmentJournal> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const lock = takeLock(options.directory);
  try {
    refuseUnfinishedImport(options.directory);
    await removeTemporaries(options.directory);
    const key = (await findChainKey(options)) ?? (await createChainKey(keyPath(options)));
    const mac = createMac(key.key);
    const recovered = await recover(options.directory, key, mac, options.onNotice ?? (() => undefined));
    const journal = await startJournal(options, key, recovered, () => lock.release());
    if (options.published !== undefined && options.published.seq > 0) {
      try {
        const { published } = options;
        checkPublished(options.directory, published, journal.head().seq, await journal.macAt(published.seq));
      } catch (error) {
        await journal.close();
        throw error;
      }
    }
    return journal;
  } catch (error) {
    lock.release();
    throw error;
  }
}

type KeyPlace = Pick<SegmentJournalOptions, 'directory' | 'keyFile'>;
const keyPath = ({ directory, keyFile }: KeyPlace): string => keyFile ?? join(directory, 'chain.key');

/** The key of the journal in `directory`; undefined when that is new, JOURNAL_CORRUPT when it is missing beside segments. */
export async function findChainKey(place: KeyPlace): Promise<ChainKey | undefined> {
  const path = keyPath(place);
  const key = await readChainKey(path);
  if (key === undefined && existsSync(place.directory) && (await segmentNumbers(place.directory)).length > 0) {
    throw new SentinelError('JOURNAL_CORRUPT', { place: path, problem: 'the key file is missing' });
  }
  return key;
}

type Done = (error: Error | null) => void;

interface ActiveSegment extends WritableSegment {
  readonly firstSeq: number;
  readonly previousMac: Uint8Array;
  firstArrivalMs: number;
  lastArrivalMs: number;
}

async function startJournal(
  options: SegmentJournalOptions,
  key: ChainKey,
  recovered: Recovered,
  onClosed: () => void,
): Promise<SegmentJournal> {
  const { directory, disk = DISK, segmentBytes = SEGMENT_BYTES } = options;
  const mac = createMac(key.key);
  const ids = createIdMemory(key.seed);
  const onNotice = options.onNotice ?? (() => undefined);
  const sealed = createSealedSegments({
    directory,
    mac,
    ids,
    exactWindowMs: options.exactWindowMs ?? EXACT_WINDOW_MS,
    exactLimit: options.exactLimit ?? EXACT_LIMIT,
    onNotice,
  });
  let noSpace: Error | undefined;
  const onSpace = (error: Error | undefined): void => {
    const isNews = (error === undefined) !== (noSpace === undefined);
    noSpace = error;
    if (isNews) options.onSpace?.(error);
  };
  const listeners = createCommitListeners();
  let active = await resume(disk, segmentBytes, recovered);
  let head: JournalHead = {
    seq: recovered.place.nextSeq - 1,
    mac: recovered.place.nextSeq === 1 ? '' : hex(recovered.place.mac),
  };
  const filled = (): number => (active === undefined ? 1 : active.position / segmentBytes);
  const spare = createSpare({ directory, disk, segmentBytes, filled, onSpace, syncDirectory, freeBytes });
  let newestArrivalMs = active?.lastArrivalMs ?? 0;
  let startedUs = 0;
  let closed = false;

  sealed.load(recovered.sealed, newestArrivalMs);
  if (recovered.last !== undefined) ids.load(recovered.last.scanned.ids, recovered.last.number, true);

  const begin = (block: Block, bytes: Uint8Array, end: number, previousMac: Uint8Array, done: Done): void => {
    spare.take().then((segment) => {
      const header = { firstSeq: block.firstSeq, number: segment.number, keyId: key.id, previousMac };
      putSegmentHeader(bytes, viewOf(bytes), header, mac);
      disk.write(segment.fd, bytes, 0, end, 0, (error) => {
        if (error !== null) return done(error);
        if (active !== undefined) seal(active, block.firstSeq - 1, previousMac);
        const arrivalMs = block.records[0]!.arrivalMs;
        active = { ...segment, ...header, firstArrivalMs: arrivalMs, lastArrivalMs: arrivalMs };
        void spare.prepare(segment.number + 1, false); // its failure is told through onSpace
        done(null);
      });
    }, done);
  };

  const seal = (segment: ActiveSegment, lastSeq: number, lastMac: Uint8Array): void => {
    const { number, firstSeq, firstArrivalMs, lastArrivalMs, position: end, previousMac } = segment;
    const summary = { number, firstSeq, lastSeq, firstArrivalMs, lastArrivalMs, end, previousMac, mac: lastMac };
    sealed.add(summary);
    closeSegment(disk, segment.fd).catch((error: unknown) => onNotice(`${segment.path}: ${String(error)}`));
    options.onSealed?.(summary);
  };

  const commit = createGroupCommit({
    mac,
    blockLimit: segmentBytes - SEGMENT_HEADER_BYTES,
    nextSeq: recovered.place.nextSeq,
    chainMac: recovered.place.mac,
    write(block, bytes, end, previousMac, done) {
      startedUs = performance.now() * 1_000;
      if (active !== undefined && active.position + end - BLOCK_AT <= segmentBytes) {
        disk.write(active.fd, bytes, BLOCK_AT, end, active.position, done);
      } else {
        begin(block, bytes, end, previousMac, done);
      }
    },
    onDurable(block, blockMac) {
      const segment = active!;
      const length = block.writer.at - BLOCK_AT;
      const last = block.records.at(-1)!;
      ids.place(countDecisions(block), segment.number, segment.position);
      segment.position += length;
      segment.lastArrivalMs = last.arrivalMs;
      newestArrivalMs = Math.max(newestArrivalMs, last.arrivalMs);
      head = { seq: last.seq, mac: hex(blockMac) };
      options.onCommit?.(block.records.length, length, performance.now() * 1_000 - startedUs);
    },
    onCommitted(block) {
      sealed.retire(newestArrivalMs, RETIRED_PER_ID * block.records.length);
      const frames = block.writer.bytes.subarray(BLOCK_AT + BLOCK_HEADER_BYTES, block.writer.at - BLOCK_TRAILER_BYTES);
      listeners.tell(frames, () => block.records);
    },
    onFailure: (error) => options.onPoison?.(error),
  });

  const findDecision = async (transactionId: string): Promise<DecisionRecord | undefined> => {
    const known = ids.find(transactionId);
    if (known === undefined) return undefined;
    if (known === 'elsewhere') {
      const segments = ids.olderSegments(transactionId);
      return findDecisionIn({ directory, key, mac, transactionId, segments, onNotice });
    }
    if (known.seq > head.seq) {
      await commit.pending(known.seq);
      return findDecision(transactionId); // only now does memory know its place
    }
    return (await readRecord(segmentPath(directory, known.segment), known.offset)) as DecisionRecord;
  };

  const sealedPart = ({ number, firstSeq, end }: SegmentSummary): SegmentPart => ({
    path: segmentPath(directory, number),
    firstSeq,
    end,
  });
  const activePart = (): SegmentPart | undefined =>
    active && { path: active.path, firstSeq: active.firstSeq, end: active.position };

  const read = async function* (
    segments: readonly SegmentSummary[],
    until: SegmentPart | undefined,
    fromSeq: number,
  ): AsyncGenerator<readonly JournalRecord[], void> {
    for (const segment of segments) {
      if (segment.lastSeq >= fromSeq) yield* readRecords(sealedPart(segment), fromSeq);
    }
    if (until !== undefined) yield* readRecords(until, fromSeq);
  };

  // A new journal takes nothing before its first segment is there; later ones are made while the present one fills.
  const prepared = spare.prepare(
    active === undefined ? (recovered.spare ?? 1) : active.number + 1,
    active === undefined,
  );
  if (active === undefined) {
    try {
      await prepared;
    } catch (error) {
      await spare.close();
      throw error;
    }
  }

  const reservedBytes = Math.min(RESERVED_BYTES, RESERVED_SHARE * segmentBytes);

  return {
    refusal() {
      if (noSpace === undefined || active === undefined) return undefined;
      const room = segmentBytes - active.position - commit.pendingBytes();
      return room < reservedBytes ? new SentinelError('DISK_FULL', {}, noSpace) : undefined;
    },
    append<R extends JournalRecord>(record: Unplaced<R>): Appended<R> {
      const failure = commit.failure();
      if (closed || failure !== undefined) return refusedAppend(record, commit.nextSeq(), failure);
      const { seq, offset, committed } = commit.append(record);
      if (record.type === 'decision') ids.add(record.transaction.transactionId, record.requestHash, seq, offset);
      return { seq, record: record as unknown as R, committed }; // it was given its place in place
    },
    head: () => head,
    nextSeq: () => commit.nextSeq(),
    knownId(transactionId) {
      const found = ids.find(transactionId);
      return found === undefined || found === 'elsewhere' ? found : { seq: found.seq, requestHash: found.requestHash };
    },
    findDecision,
    read: (fromSeq) => read(sealed.list(), activePart(), fromSeq),
    tail: (fromSeq) =>
      createTail(fromSeq, (seq) => {
        if (seq > head.seq) return undefined;
        const segment = sealed.list().find(({ lastSeq }) => lastSeq >= seq);
        return segment === undefined ? activePart() : sealedPart(segment);
      }),
    subscribe: listeners.subscribe,
    async close() {
      if (closed) return;
      closed = true;
      await commit.drain().catch(() => undefined); // those who appended were told
      await spare.close();
      await sealed.settled();
      if (active !== undefined) await closeSegment(disk, active.fd);
      onClosed();
    },
    segments: () => sealed.list(),
    macAt: (seq) => macAt({ directory, key, mac }, seq, sealed.list(), active?.number),
    async dropBefore(seq) {
      await sealed.settled();
      const gone = sealed.forget(seq);
      for (const { number } of gone) {
        await rm(segmentPath(directory, number), { force: true });
        await rm(indexPath(directory, number), { force: true });
      }
      await syncDirectory(directory);
      return gone.length;
    },
    memoryBytes: () => ids.bytes(),
  };
}

/** How many of the block's records answer an id. */
function countDecisions({ records }: Block): number {
  return records.reduce((count, { type }) => (type === 'decision' ? count + 1 : count), 0);
}

/** Goes on with the last segment a former process wrote. */
async function resume(disk: Disk, segmentBytes: number, { last }: Recovered): Promise<ActiveSegment | undefined> {
  if (last === undefined) return undefined;
  const { number, path, header, scanned } = last;
  const fd = await openSegment(disk, path);
  await allocate(disk, fd, Math.min(segmentBytes, (await stat(path)).size), segmentBytes, () => 0);
  const { firstArrivalMs, lastArrivalMs } = scanned.summary;
  const { firstSeq, previousMac } = header;
  return { number, path, fd, position: scanned.place.at, firstSeq, previousMac, firstArrivalMs, lastArrivalMs };
}
