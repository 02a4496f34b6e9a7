import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type FetchedMessage } from '../../../src/adapters/kafka/client.ts';
import { claimId, claimMessage, frameMac, type OutgoingMessage, recordMessage } from '../../../src/adapters/kafka/envelope.ts'; // prettier-ignore
import { type IdempotentProducer } from '../../../src/adapters/kafka/idempotent-producer.ts';
import { frameOf } from '../../../src/adapters/kafka/outbox.ts';
import { takeOverThrough } from '../../../src/adapters/kafka/take-over-shared.ts';
import { type TopicReader } from '../../../src/adapters/kafka/topic-reader.ts';
import { createMac } from '../../../src/adapters/system/mac.ts';
import { type JournalRecord } from '../../../src/journal/record.ts';
import { JOURNAL_KEY } from '../../support/kafka.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const PARTITIONS = 2;
const mac = createMac(JOURNAL_KEY.key);

/** A topic in memory; `hold` begins a transaction in every partition, which readers do not pass until `release`. */
function aTopic() {
  const logs: FetchedMessage[][] = Array.from({ length: PARTITIONS }, () => []);
  let ends: readonly number[] | undefined;
  const endOf = (partition: number): number => ends?.[partition] ?? logs[partition]!.length;
  const reader: TopicReader = {
    partitions: PARTITIONS,
    offsets: () =>
      Promise.resolve({ earliest: logs.map(() => 0), latest: logs.map((_, partition) => endOf(partition)) }),
    offsetsAt: () => Promise.reject(new Error('not asked')),
    async fetch(from) {
      await sleep(1);
      return [...from].map(([partition, at]) => ({
        partition,
        messages: logs[partition]!.slice(at, endOf(partition)),
        next: Math.max(at, endOf(partition)),
      }));
    },
    close: () => Promise.resolve(),
  };
  const append = (messages: readonly OutgoingMessage[]): ReadonlyMap<number, number> => {
    const bases = new Map<number, number>();
    for (const { partition, value, headers } of messages) {
      const log = logs[partition]!;
      if (!bases.has(partition)) bases.set(partition, log.length);
      log.push({ offset: String(log.length), timestamp: '0', key: null, value, headers });
    }
    return bases;
  };
  return {
    reader,
    append,
    hold: () => void (ends = logs.map(({ length }) => length)),
    release: () => void (ends = undefined),
  };
}

const standing = { epoch: 1, after: 0 };
const aClaim = (partition: number): OutgoingMessage => ({
  ...claimMessage(mac, claimId('shared'), standing, 'the instances before'),
  partition,
});
function aRecord(seq: number, partition: number): OutgoingMessage {
  const frame = frameOf({ ...aDecisionOf(`t${seq}`), seq });
  return { ...recordMessage('u', frame, frameMac(mac, standing, frame), standing), partition };
}

it('ends when it has read what it wrote, also behind a transaction that others began meanwhile', async () => {
  const { reader, append, hold, release } = aTopic();
  append([aClaim(0), aClaim(1), aRecord(1, 0), aRecord(3, 1)]); // whoever took place 2 is lost
  let requests = 0;
  const producer: IdempotentProducer = {
    send(messages) {
      requests += 1;
      if (requests === 2) {
        hold();
        setTimeout(release, 50);
      }
      return Promise.resolve(append(messages));
    },
    close: () => Promise.resolve(),
  };
  const onPassed = (): Promise<never> => Promise.reject(new Error('it was not passed'));
  const records: JournalRecord[] = [];
  for await (const batch of takeOverThrough({ reader, producer }, { key: JOURNAL_KEY.key, epoch: 2, onPassed })) {
    records.push(...batch);
  }
  expect(records.map(({ seq, type }) => [seq, type])).toEqual([
    [1, 'decision'],
    [2, 'dead_letter'],
    [3, 'decision'],
  ]);
});

it('refuses a topic whose every record retention has removed, instead of beginning at seq 1 again', async () => {
  const { reader, append } = aTopic();
  const emptied: TopicReader = { ...reader, offsets: async () => ({ ...(await reader.offsets()), earliest: [2, 2] }) };
  append([aClaim(0), aClaim(1), aRecord(1, 0), aRecord(2, 1)]);
  const producer: IdempotentProducer = {
    send: (messages) => Promise.resolve(append(messages)),
    close: () => Promise.resolve(),
  };
  const onPassed = (): Promise<never> => Promise.reject(new Error('it was not passed'));
  const takeOver = takeOverThrough({ reader: emptied, producer }, { key: JOURNAL_KEY.key, epoch: 2, onPassed });
  await expect(takeOver.next().then(() => takeOver.next()).then(() => takeOver.next())).rejects.toThrow('retention has removed every record'); // prettier-ignore
});
