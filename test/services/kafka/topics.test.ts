import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { prepareTopics, TOPIC_NAMES } from '../../../src/adapters/kafka/topics.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;
  const options = { brokers: [broker], labelDelayMs: 7 * DAY_MS, partitions: 2 };

  describe('the topics', () => {
    it('are made once, by however many at a time, and are then as they should be', async () => {
      const prefix = `${randomUUID()}.`;
      const runs = await Promise.all([1, 2, 3].map(() => prepareTopics({ ...options, prefix })));
      const again = await prepareTopics({ ...options, prefix });
      expect(again.map(({ topic }) => topic)).toEqual(TOPIC_NAMES.map((name) => prefix + name));
      for (const reports of [...runs, again]) expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
      expect(again.some(({ created }) => created)).toBe(false);
      expect(again.map(({ partitions }) => partitions)).toEqual([2, 2, 2, 2, 2, 2, 1]);
      expect(again[0]!.notices[0]).toMatch(/on 1 broker of 1/);
    });

    it('take what a machine sends whose clock is ahead', async () => {
      const prefix = `${randomUUID()}.`;
      await prepareTopics({ ...options, prefix, only: ['journal'] });
      const producer = createKafka({ brokers: [broker] }).producer();
      await producer.connect();
      const messages = [{ value: 'x', timestamp: String(Date.now() + 40 * DAY_MS) }];
      await expect(producer.send({ topic: `${prefix}journal`, messages })).resolves.toHaveLength(1);
      await producer.disconnect();
    });

    it('of what others send keep no compression that cannot be read here', async () => {
      const prefix = `${randomUUID()}.`;
      const admin = createKafka({ brokers: [broker] }).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: `${prefix}labels`, numPartitions: 1, replicationFactor: 1 }] });
      const [transactions, labels] = await prepareTopics({ ...options, prefix, only: ['transactions', 'labels'] });
      await admin.disconnect();
      expect(transactions!.problems).toEqual([]);
      expect(labels!.problems.at(-1)).toBe('compression.type is producer; set it to uncompressed or gzip');
    });

    it('that others made in a way that loses records are named with what to set', async () => {
      const topic = `${randomUUID()}.journal`;
      const admin = createKafka({ brokers: [broker] }).admin();
      await admin.connect();
      const settings = { 'cleanup.policy': 'compact', 'retention.ms': '86400000', 'retention.bytes': '1000' };
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }] });
      await admin.disconnect();
      const [report] = await prepareTopics({
        ...options,
        prefix: topic.slice(0, -'journal'.length),
        only: ['journal'],
      });
      expect(report!.notices.join('\n')).toMatch(/message\.timestamp\.after\.max\.ms is 3600000/);
      expect(report!.problems).toEqual([
        'cleanup.policy is compact, which removes records; set it to delete',
        'retention.ms is 86400000; set it to at least 3542400000 (984 hours)',
        'retention.bytes is 1000, which removes records by size; set it to -1',
        'max.message.bytes is 1048588; set it to at least 10485760',
      ]);
    });
  });
}
