import { describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { sealJournal, verifySeals } from '../../../src/adapters/kafka/seals.ts';
import { JOURNAL_KEY, messagesOf, openOn, send, someTopics } from '../../support/kafka.ts';
import { range } from '../../support/journals.ts';
import { serverAddress } from '../../support/servers.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;
  const options = (prefix: string) => ({ brokers: [broker], prefix, key: JOURNAL_KEY.key });

  const append = async (prefix: string, run: string, count: number): Promise<void> => {
    const journal = await openOn(broker, prefix);
    await Promise.all(
      range(1, count).map((index) => {
        const record = aDecisionOf(`${run}${index}`);
        return journal.append({ ...record, transaction: { ...record.transaction, userId: `u${index}` } }).committed;
      }),
    );
    await journal.close();
  };

  describe('the seals of the journal', () => {
    it('cover all that is there, a stretch after the other', async () => {
      const prefix = await someTopics(broker, ['journal', 'seals'], 2);
      await append(prefix, 'a', 40);
      expect(await sealJournal(options(prefix))).toHaveLength(2);
      expect(await sealJournal(options(prefix))).toEqual([]);
      await append(prefix, 'b', 40);
      expect(await verifySeals(options(prefix))).toMatchObject({ seals: 2, messages: 42, unsealed: 42, problems: [] });
      expect(await sealJournal(options(prefix))).toHaveLength(2);
      expect(await verifySeals(options(prefix))).toEqual({ seals: 4, messages: 84, unsealed: 0, problems: [] });
    });

    it('leave out the ends of transactions where they count what is unsealed', async () => {
      const prefix = await someTopics(broker, ['journal', 'seals'], 1);
      const producer = createKafka({ brokers: [broker] }).producer({
        transactionalId: `${prefix}worker`,
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      for (const value of ['a', 'b', 'c']) {
        const transaction = await producer.transaction();
        await transaction.send({ topic: `${prefix}journal`, messages: [{ key: 'u', value }] });
        await transaction.commit();
      }
      await producer.disconnect();
      expect(await verifySeals(options(prefix))).toMatchObject({ messages: 0, unsealed: 3 });
    });

    it('show a partition that was written anew without one of its messages', async () => {
      const prefix = await someTopics(broker, ['journal', 'seals'], 1);
      await append(prefix, 'a', 10);
      await sealJournal(options(prefix));
      const messages = await messagesOf(broker, `${prefix}journal`);
      const admin = createKafka({ brokers: [broker] }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [`${prefix}journal`] });
      await admin.createTopics({ topics: [{ topic: `${prefix}journal`, numPartitions: 1, replicationFactor: 1 }] });
      await admin.disconnect();
      await send(
        broker,
        `${prefix}journal`,
        messages.slice(1).map(({ key, value }) => ({ key: key ?? '', value })),
      );
      const { problems } = await verifySeals(options(prefix));
      expect(problems).toEqual([{ partition: 0, from: 0, problem: 'the partition ends at 10, before 11' }]);
    });

    it('show a seal that was taken out and a stretch that is another', async () => {
      const prefix = await someTopics(broker, ['journal', 'seals'], 1);
      for (const run of ['a', 'b', 'c']) {
        await append(prefix, run, 5);
        await sealJournal(options(prefix));
      }
      const seals = await messagesOf(broker, `${prefix}seals`);
      const other = await someTopics(broker, ['journal', 'seals'], 1);
      await append(other, 'x', 20);
      await send(
        broker,
        `${other}seals`,
        [seals[0]!, seals[2]!].map(({ value }) => ({ key: '0', value })),
      );
      const { problems } = await verifySeals(options(other));
      expect(problems.map(({ problem }) => problem)).toEqual([
        'the seals do not follow each other',
        'what lies before 6 is not what was sealed',
        'what lies before 18 is not what was sealed',
      ]);
    });
  });
}
