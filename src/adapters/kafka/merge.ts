/**
 * Brings the records of all partitions back into the one order of their seqs.
 *
 * A record does not count when a later writer had claimed its partition before it, nor when one of a later writer stands
 * before it in the order: such a writer began at the first seq that was missing, so what an earlier one left beyond that
 * was never answered for. Nor does one at a place that was durable before its writer began. Of equal seqs the first counts.
 */
import { type Claim, isShared, type PlacedFrame } from './envelope.ts';

/** What the last claim of a partition says. */
type Claimed = Pick<Claim, 'epoch' | 'after'>;
export const UNCLAIMED: Claimed = { epoch: 0, after: 0 };

/** Where reading may begin again so that the records from `seq` on come out as they did. */
export interface MergeStart {
  readonly seq: number;
  /** Epoch of the record before. */
  readonly epoch: number;
  /** By partition: where to read on, and the claim of the highest epoch by then. */
  readonly offsets: readonly number[];
  readonly claims: readonly Claimed[];
}

export interface Merge {
  /** Takes what comes next in its partition. */
  add(message: PlacedFrame | Claim): void;
  /** Everything of the partition below `offset` was added. */
  reached(partition: number, offset: number): void;
  /** The record that is next in order, if it is there. */
  take(): PlacedFrame | undefined;
  nextSeq(): number;
  /** How many records of a partition wait for earlier ones. */
  waiting(partition: number): number;
  /** The lowest seq that waits; undefined when none does. */
  lowestWaiting(): number | undefined;
  /** Whether a record of several writers waits: it was acknowledged although an earlier place is empty. */
  isSharedWaiting(): boolean;
  /** Records that wait for earlier ones, in order of seq. */
  allWaiting(): readonly PlacedFrame[];
  /** Whether the highest epoch is that of a writer who claimed the topic for itself alone. */
  isTakenByOne(): boolean;
  /** Goes on at `seq`; what is missing before is given up. */
  skipTo(seq: number): void;
  /** A start for the record that is next in order. */
  start(): MergeStart;
  /** A seq up to which every record was durable, as later ones say. */
  durableTo(): number;
  /** The highest epoch met. */
  highestEpoch(): number;
  /** How many records did not count. */
  dropped(): number;
}

export function createMerge(from: MergeStart): Merge {
  const partitions = from.offsets.length;
  const pending = new Map<number, PlacedFrame>();
  const waiting = new Array<number>(partitions).fill(0);
  const read = [...from.offsets];
  /** By partition, in order of offset: from which offset on which claim held. */
  const claims = from.claims.map((claimed) => [{ ...claimed, offset: -1 }]);
  let next = from.seq;
  let epoch = from.epoch;
  let highest = Math.max(epoch, ...from.claims.map((claimed) => claimed.epoch));
  const shared = new Set<number>();
  const sole = new Set<number>();
  let durableTo = 0;
  let dropped = 0;

  const forget = (record: PlacedFrame): void => {
    pending.delete(record.seq);
    waiting[record.partition]! -= 1;
  };

  const keep = (record: PlacedFrame): void => {
    const rival = pending.get(record.seq);
    const claimed = claims[record.partition]!.at(-1)!;
    const isVoid =
      record.seq < next ||
      record.epoch < epoch ||
      record.epoch < claimed.epoch ||
      (record.epoch === claimed.epoch && record.seq <= claimed.after) ||
      (rival !== undefined && rival.epoch >= record.epoch);
    if (isVoid) {
      dropped += 1;
      return;
    }
    if (rival !== undefined) {
      forget(rival);
      dropped += 1;
    }
    pending.set(record.seq, record);
    waiting[record.partition]! += 1;
  };

  /** From here on a later writer stands before all that earlier ones left beyond it. */
  const pass = (to: number): void => {
    epoch = to;
    for (const record of pending.values()) {
      if (record.epoch >= epoch) continue;
      forget(record);
      dropped += 1;
    }
  };

  return {
    add(message) {
      read[message.partition] = message.offset + 1;
      highest = Math.max(highest, message.epoch);
      durableTo = Math.max(durableTo, message.after);
      if (message.kind === 'record') {
        keep(message);
        return;
      }
      (isShared(message) ? shared : sole).add(message.epoch);
      const known = claims[message.partition]!;
      if (message.epoch > known.at(-1)!.epoch) known.push(message);
    },
    reached(partition, offset) {
      read[partition] = Math.max(read[partition]!, offset);
    },
    take() {
      const record = pending.get(next);
      if (record === undefined) return undefined;
      forget(record);
      next += 1;
      if (record.epoch > epoch) pass(record.epoch);
      return record;
    },
    nextSeq: () => next,
    waiting: (partition) => waiting[partition]!,
    lowestWaiting() {
      let lowest: number | undefined;
      for (const seq of pending.keys()) lowest = Math.min(lowest ?? seq, seq);
      return lowest;
    },
    isSharedWaiting: () => [...pending.values()].some((record) => shared.has(record.epoch)),
    allWaiting: () => [...pending.values()].sort((a, b) => a.seq - b.seq),
    isTakenByOne: () => sole.has(highest),
    skipTo(seq) {
      next = seq;
      for (const record of pending.values()) if (record.seq < seq) forget(record);
    },
    start() {
      const offsets = [...read];
      for (const { partition, offset } of pending.values()) offsets[partition] = Math.min(offsets[partition]!, offset);
      const claimed = offsets.map((end, partition) => {
        const { epoch: by, after } = claims[partition]!.findLast(({ offset }) => offset < end) ?? UNCLAIMED;
        return { epoch: by, after };
      });
      return { seq: next, epoch, offsets, claims: claimed };
    },
    durableTo: () => durableTo,
    highestEpoch: () => highest,
    dropped: () => dropped,
  };
}
