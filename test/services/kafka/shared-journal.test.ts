import { describe, expect, it } from 'vitest';
import { createKafka, IN_ORDER } from '../../../src/adapters/kafka/client.ts';
import { openPlacedKafkaJournal } from '../../../src/adapters/kafka/placed-journal.ts';
import { takeOverSharedJournal, type TakeOverOptions } from '../../../src/adapters/kafka/take-over-shared.ts';
import {
  openSharedKafkaJournal,
  type SharedKafkaJournal,
  type SharedKafkaJournalOptions,
} from '../../../src/adapters/kafka/shared-journal.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { type DecisionRecord, type JournalRecord } from '../../../src/journal/record.ts';
import { createRandom } from '../../../src/stats/random.ts';
import { range } from '../../support/journals.ts';
import { JOURNAL_KEY, messagesOf, openOn, removeBelow, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const found = serverAddress('kafka');

function placed(seq: number): DecisionRecord {
  const record = aDecisionOf(`t${seq}`);
  return { ...record, transaction: { ...record.transaction, userId: `u${seq % 11}` }, seq };
}

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;

  const topicOf = (prefix: string) => ({ brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key });

  interface Instance extends SharedKafkaJournal {
    append(record: JournalRecord): Promise<void>;
  }

  /** An instance that writes in `epoch` and follows. */
  const open = async (
    prefix: string,
    { epoch = 1, ...options }: Partial<SharedKafkaJournalOptions> & { readonly epoch?: number } = {},
  ): Promise<Instance> => {
    const placing = await openPlacedKafkaJournal(topicOf(prefix));
    const journal = await openSharedKafkaJournal({ ...topicOf(prefix), nowMs: () => 5, ...options });
    return {
      ...journal,
      append: (record) => placing.append(record, epoch),
      close: async () => void (await Promise.all([placing.close(), journal.close()])),
    };
  };

  const takenOver = async (
    prefix: string,
    epoch: number,
    options: Partial<TakeOverOptions> = {},
  ): Promise<readonly JournalRecord[]> => {
    const records: JournalRecord[] = [];
    const onPassed = (highest: number): Promise<void> => Promise.reject(new Error(`passed by ${highest}`));
    const all = takeOverSharedJournal({ ...topicOf(prefix), epoch, onPassed, ...options });
    for await (const batch of all) records.push(...batch);
    return records;
  };

  const seqsOf = async (records: AsyncIterable<readonly JournalRecord[]>): Promise<number[]> => {
    const seqs: number[] = [];
    for await (const batch of records) seqs.push(...batch.map(({ seq }) => seq));
    return seqs;
  };

  describe('a journal that several instances write', () => {
    it('comes out once and in order of seq for all of them, whoever wrote what when and how often', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const instances = await Promise.all([open(prefix), open(prefix), open(prefix)]);
      const heard: number[] = [];
      instances[0]!.subscribe((_, records) => heard.push(...records().map(({ seq }) => seq)));
      const random = createRandom(1);
      const seqs = range(1, 1_000);
      random.shuffle(seqs);
      await Promise.all(
        [...seqs, ...seqs.slice(0, 100)].map((seq) => instances[random.integer(3)]!.append(placed(seq))),
      );
      for (const instance of instances) {
        await instance.reached(1_000);
        expect(await seqsOf(instance.read(1))).toEqual(range(1, 1_000));
        expect(await seqsOf(instance.read(700))).toEqual(range(700, 1_000));
      }
      expect(heard).toEqual(range(1, 1_000));
      expect(new Set(instances.map((instance) => instance.head().mac)).size).toBe(1);
      const tail = instances[1]!.tail(990);
      const taken = [
        ...takeRecords(await tail.take(100), PRIMITIVES),
        ...takeRecords(await tail.take(100), PRIMITIVES),
      ];
      expect(taken.map(({ seq }) => seq)).toEqual(range(990, 1_000));
      await Promise.all(instances.map((instance) => instance.close()));
    });

    it('shows the first place that nobody has filled and stops before it', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const journal = await open(prefix);
      for (const seq of [1, 2, 4, 5]) await journal.append(placed(seq));
      await journal.reached(2);
      while (journal.gap() === undefined) await new Promise(setImmediate);
      expect(journal.gap()).toEqual({ seq: 3, sinceMs: 5 });
      expect(journal.head().seq).toBe(2);
      await journal.append(placed(3));
      await journal.reached(5);
      expect(journal.gap()).toBeUndefined();
      await journal.close();
    });

    it('is taken over once a transaction has ended, which is named while it does not', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const journal = await open(prefix);
      await journal.append(placed(1));
      const topic = `${prefix}journal`;
      const transactionalId = `${prefix}worker`;
      const producer = createKafka({ brokers: [broker] }).producer({ ...IN_ORDER, idempotent: true, transactionalId });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ partition: 2, value: 'of a worker that died' }] });
      await expect(takenOver(prefix, 2, { standstillMs: 1_500 })).rejects.toMatchObject({
        code: 'JOURNAL_WITHHELD',
        details: { topic, partition: 2 },
      });
      await transaction.abort();
      expect((await takenOver(prefix, 3)).map(({ seq }) => seq)).toEqual([1]);
      await producer.disconnect();
      await journal.close();
    });

    it('can be read on from a place kept with a snapshot', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const journal = await open(prefix);
      await Promise.all(range(1, 800).map((seq) => journal.append(placed(seq))));
      await journal.reached(800);
      const place = JSON.parse(JSON.stringify(journal.placeFor(600))) as ReturnType<typeof journal.placeFor>;
      expect(place.seq).toBe(512);
      await journal.close();
      const again = await open(prefix, { from: place });
      expect(await seqsOf(again.read(600))).toEqual(range(600, 800));
      await again.close();
    });

    it('begins where retention has left every partition whole', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const topic = `${prefix}journal`;
      const journal = await open(prefix);
      for (const first of [1, 301])
        await Promise.all(range(first, first + 299).map((seq) => journal.append(placed(seq))));
      await journal.reached(600);
      await journal.close();
      await removeBelow(broker, topic, 1, 40);
      const [left] = (await messagesOf(broker, topic)).filter(({ partition }) => partition === 1);
      const again = await open(prefix);
      const first = (await seqsOf(again.read(1)))[0]!;
      expect(first).toBeGreaterThanOrEqual(left!.value.readDoubleLE(16));
      expect(await seqsOf(again.read(1))).toEqual(range(first, 600));
      expect(again.head().seq).toBe(600);
      await again.close();
    });

    it('goes over to one instance alone and back, each claim ending those before', async () => {
      const prefix = await someTopics(broker, ['journal']);
      await takenOver(prefix, 7);
      const shared = await open(prefix, { epoch: 7 });
      await Promise.all(range(1, 50).map((seq) => shared.append(placed(seq))));
      await shared.reached(50);
      const alone = await openOn(broker, prefix);
      expect(alone.head()).toEqual(shared.head());
      await expect(shared.reached(51)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      await shared.append(placed(51)); // which does not count
      await alone.append(aDecisionOf('alone')).committed;
      expect((await takenOver(prefix, 9)).at(-1)).toMatchObject({ seq: 51, transaction: { transactionId: 'alone' } });
      const again = await open(prefix, { epoch: 9 });
      expect(again.head().seq).toBe(51);
      await expect(alone.append(aDecisionOf('late')).committed).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      await again.append(placed(52));
      await again.append(placed(54));
      await again.reached(52);
      await Promise.all([shared.close(), alone.close(), again.close()]);
      await expect(openOn(broker, prefix)).rejects.toThrow(/seq 53: several instances .* in doubt/);
    });
  });

  describe('taking the journal over for a new epoch', () => {
    it('keeps what was answered behind a place nobody filled, and counts nothing written late', async () => {
      const prefix = await someTopics(broker, ['journal']);
      await takenOver(prefix, 5);
      const before = await open(prefix, { epoch: 5 });
      for (const seq of [1, 2, 4, 5, 8]) await before.append(placed(seq));
      const records = await takenOver(prefix, 6);
      expect(records.map(({ seq }) => seq)).toEqual(range(1, 8));
      for (const lost of [3, 6, 7]) expect(records[lost - 1]).toMatchObject({ type: 'dead_letter', payload: '8' });
      expect(records[3]).toEqual(placed(4));
      for (const seq of [3, 6, 9, 10]) await before.append(placed(seq));
      const after = await open(prefix, { epoch: 6 });
      await after.append({ ...aDecisionOf('new'), seq: 9 });
      for (const instance of [before, after]) {
        await instance.reached(9);
        const read: JournalRecord[] = [];
        for await (const batch of instance.read(1)) read.push(...batch);
        expect(read.slice(0, 8)).toEqual(records);
        expect(read[8]).toMatchObject({ transaction: { transactionId: 'new' } });
        expect(instance.head().seq).toBe(9);
      }
      await Promise.all([before.close(), after.close()]);
    });

    it('may be broken off anywhere: the next one loses nothing of what was answered', async () => {
      const prefix = await someTopics(broker, ['journal']);
      await takenOver(prefix, 5);
      const before = await open(prefix, { epoch: 5 });
      for (const seq of [1, 3, 4, 6]) await before.append(placed(seq));
      // As far as a take-over comes that dies: claimed, all but the first gap written again.
      const half = await open(prefix, { epoch: 6 });
      for (const seq of [3, 6]) await half.append(placed(seq));
      const records = await takenOver(prefix, 7);
      expect(records.map(({ seq, type }) => [seq, type])).toEqual([
        [1, 'decision'],
        [2, 'dead_letter'],
        [3, 'decision'],
        [4, 'decision'],
        [5, 'dead_letter'],
        [6, 'decision'],
      ]);
      await Promise.all([before.close(), half.close()]);
    });

    it('is refused to an epoch that is not the highest', async () => {
      const prefix = await someTopics(broker, ['journal']);
      await takenOver(prefix, 8);
      await expect(takenOver(prefix, 8)).rejects.toThrow('passed by 8');
      await expect(takenOver(prefix, 7)).rejects.toThrow('passed by 8');
    });
  });
}
