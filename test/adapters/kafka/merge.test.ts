import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, type PlacedFrame } from '../../../src/adapters/kafka/envelope.ts';
import { createMerge, type MergeStart } from '../../../src/adapters/kafka/merge.ts';

const PARTITIONS = 3;
/** Bytes that name the record: the writer and its number. */
type Message = PlacedFrame | Claim;

const NO_CLAIM = { epoch: 0, after: 0 };
const START: MergeStart = { seq: 1, epoch: 0, offsets: [0, 0, 0], claims: [NO_CLAIM, NO_CLAIM, NO_CLAIM] };

interface Topic {
  readonly logs: Message[][];
  claim(partition: number, epoch: number, after?: number): void;
  record(partition: number, epoch: number, seq: number): void;
}

function aTopic(): Topic {
  const logs: Message[][] = Array.from({ length: PARTITIONS }, () => []);
  return {
    logs,
    claim(partition, epoch, after = 0) {
      const log = logs[partition]!;
      log.push({ kind: 'claim', id: `sole:${epoch}`, epoch, after, partition, offset: log.length });
    },
    record(partition, epoch, seq) {
      const log = logs[partition]!;
      const frame = Uint8Array.of(epoch, seq);
      log.push({ kind: 'record', seq, epoch, after: 0, partition, offset: log.length, frame, mac: frame });
    },
  };
}

/** Reads all logs from `start` in an order of partitions drawn by `pick`; returns “epoch:seq” in order, and all starts. */
function readAll(
  logs: readonly (readonly Message[])[],
  start: MergeStart,
  pick: () => number,
): { readonly order: string[]; readonly starts: MergeStart[] } {
  const merge = createMerge(start);
  const next = [...start.offsets];
  const order: string[] = [];
  const starts = [merge.start()];
  const take = (): void => {
    for (let record = merge.take(); record !== undefined; record = merge.take()) {
      order.push(`${record.epoch}:${record.seq}`);
      starts.push(merge.start());
    }
  };
  while (next.some((offset, partition) => offset < logs[partition]!.length)) {
    const partition = pick() % PARTITIONS;
    const message = logs[partition]![next[partition]!];
    if (message === undefined) continue;
    merge.add(message);
    next[partition]! += 1;
    if (pick() % 2 === 0) take();
  }
  take();
  return { order, starts };
}

/** One writer's life: blocks acknowledged, then one block of which some partitions got their part before or after the next claim. */
const life = fc.record({
  blocks: fc.array(fc.array(fc.nat(PARTITIONS - 1), { minLength: 1, maxLength: 6 }), { maxLength: 4 }),
  last: fc.array(fc.nat(PARTITIONS - 1), { maxLength: 6 }),
  fate: fc.array(fc.constantFrom('lost', 'before', 'after'), { minLength: PARTITIONS, maxLength: PARTITIONS }),
});

describe('the order of a topic', () => {
  it('takes nothing of a writer at a place that was durable before it began', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1_000)), (picks) => {
        const pick = (): number => picks.next().value as number;
        const topic = aTopic();
        for (const partition of [0, 1, 2]) topic.claim(partition, 1);
        for (const seq of [1, 2, 3]) topic.record(seq - 1, 1, seq);
        for (const partition of [0, 1, 2]) topic.claim(partition, 2, 3);
        topic.record(1, 2, 2); // what it knew of from before
        topic.record(0, 2, 4);
        const { order, starts } = readAll(topic.logs, START, pick);
        expect(order).toEqual(['1:1', '1:2', '1:3', '2:4']);
        for (const start of starts) expect(readAll(topic.logs, start, pick).order).toEqual(order.slice(start.seq - 1));
        // Nothing else is kept with a snapshot.
        for (const { claims } of starts) expect(claims.map(Object.keys)).toEqual(claims.map(() => ['epoch', 'after']));
      }),
    );
  });

  it('keeps what was acknowledged, in order, whatever former writers left or still write', () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 6 }), fc.infiniteStream(fc.nat(1_000)), (lives, picks) => {
        const pick = (): number => picks.next().value as number;
        const topic = aTopic();
        const acknowledged: string[] = [];
        let lost: { readonly epoch: number; readonly parts: [number, number][]; readonly fate: readonly string[] } = {
          epoch: 0,
          parts: [],
          fate: [],
        };
        const leave = (when: string, partition: number): void => {
          for (const [target, seq] of lost.parts) {
            if (target === partition && lost.fate[partition] === when) topic.record(target, lost.epoch, seq);
          }
        };
        lives.forEach(({ blocks, last, fate }, index) => {
          const epoch = index + 1;
          for (let partition = 0; partition < PARTITIONS; partition += 1) {
            leave('before', partition);
            topic.claim(partition, epoch);
          }
          const { order } = readAll(topic.logs, START, pick);
          let seq = order.length;
          for (let partition = 0; partition < PARTITIONS; partition += 1) leave('after', partition);
          for (const block of blocks) {
            for (const partition of block) topic.record(partition, epoch, (seq += 1));
            acknowledged.push(...block.map((_, at) => `${epoch}:${seq - block.length + 1 + at}`));
          }
          lost = { epoch, fate, parts: last.map((partition, at) => [partition, seq + 1 + at]) };
        });
        const { order, starts } = readAll(topic.logs, START, pick);
        expect(order.map((text) => Number(text.split(':')[1]))).toEqual(order.map((_, at) => at + 1));
        expect(acknowledged.filter((text) => !order.includes(text))).toEqual([]);
        for (const start of starts) expect(readAll(topic.logs, start, pick).order).toEqual(order.slice(start.seq - 1));
      }),
      { numRuns: 300 },
    );
  });

  it('takes the first of equal records and waits for the one that is missing', () => {
    const merge = createMerge(START);
    const topic = aTopic();
    topic.record(0, 1, 2);
    topic.record(1, 1, 1);
    topic.record(1, 1, 2);
    merge.add(topic.logs[0]![0]!);
    expect(merge.take()).toBeUndefined();
    expect(merge.lowestWaiting()).toBe(2);
    for (const message of topic.logs[1]!) merge.add(message);
    expect(merge.take()).toMatchObject({ seq: 1, partition: 1 });
    expect(merge.take()).toMatchObject({ seq: 2, partition: 0 });
    expect(merge.take()).toBeUndefined();
    expect(merge.dropped()).toBe(1);
  });

  it('lets nothing wait that a later writer has passed, so that nobody takes it for answered', () => {
    const merge = createMerge(START);
    const topic = aTopic();
    topic.record(0, 1, 1);
    topic.record(1, 1, 5); // of a block whose other parts were lost with its writer
    for (const partition of [0, 1, 2]) topic.claim(partition, 2, 1);
    topic.record(2, 2, 2);
    for (const message of topic.logs.flat()) merge.add(message);
    expect([merge.take(), merge.take(), merge.take()]).toMatchObject([{ seq: 1 }, { seq: 2, epoch: 2 }, undefined]);
    expect(merge.allWaiting()).toEqual([]);
    expect(merge.lowestWaiting()).toBeUndefined();
    expect([0, 1, 2].map(merge.waiting)).toEqual([0, 0, 0]);
    expect(merge.dropped()).toBe(1);
  });
});
