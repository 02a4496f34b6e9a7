import { describe, expect, it } from 'vitest';
import { claimSharedJournal } from '../../../src/adapters/kafka/claim-shared.ts';
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

  const open = (prefix: string, options: Partial<SharedKafkaJournalOptions> = {}): Promise<SharedKafkaJournal> =>
    openSharedKafkaJournal({
      brokers: [broker],
      topic: `${prefix}journal`,
      key: JOURNAL_KEY.key,
      epoch: 1,
      nowMs: () => 5,
      ...options,
    });

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
      instances[0]!.subscribe((records) => heard.push(...records.map(({ seq }) => seq)));
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
      const claimed = { brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key };
      const shared = await open(prefix, { epoch: await claimSharedJournal(claimed) });
      await Promise.all(range(1, 50).map((seq) => shared.append(placed(seq))));
      await shared.reached(50);
      const alone = await openOn(broker, prefix);
      expect(alone.head()).toEqual(shared.head());
      await expect(shared.reached(51)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      await expect(shared.append(placed(51))).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      await alone.append(aDecisionOf('alone')).committed;
      const again = await open(prefix, { epoch: await claimSharedJournal(claimed) });
      expect(again.head().seq).toBe(51);
      await expect(alone.append(aDecisionOf('late')).committed).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      await again.append(placed(52));
      await again.append(placed(54));
      await again.reached(52);
      await Promise.all([shared.close(), alone.close(), again.close()]);
      await expect(openOn(broker, prefix)).rejects.toThrow(/seq 53: several instances .* in doubt/);
    });
  });
}
