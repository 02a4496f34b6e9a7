import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Producer, type Transaction } from 'kafkajs';
import { createKafka, IN_ORDER } from '../../../src/adapters/kafka/client.ts';
import { unendedTransactions } from '../../../src/adapters/kafka/unended-transactions.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { keptDirectory } from '../../support/directories.ts';
import { send, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;
  const WATCH_MS = 2_000;

  describe('a transaction that does not end', () => {
    let prefix: string;
    let topic: string;
    let producer: Producer;
    let open: Transaction;
    const look = () => unendedTransactions({ brokers: [broker] }, [topic], WATCH_MS);

    beforeAll(async () => {
      prefix = await someTopics(broker, ['journal']);
      topic = `${prefix}journal`;
      await send(broker, topic, [{ key: 'a', value: 'whole' }]);
      const transactionalId = `${prefix}unended`;
      producer = createKafka({ brokers: [broker] }).producer({ ...IN_ORDER, idempotent: true, transactionalId });
      await producer.connect();
    });
    afterAll(() => producer.disconnect());

    it('is none where none is under way', async () => {
      expect(await look()).toEqual([]);
    });

    it('is none where it ends in time', async () => {
      open = await producer.transaction();
      await open.send({ topic, messages: [{ partition: 2, value: '0' }] });
      const [unended] = await Promise.all([look(), open.commit()]);
      expect(unended).toEqual([]);
    });

    it('is named by its first message, for what hides behind it too', async () => {
      open = await producer.transaction();
      await open.send({ topic, messages: [{ partition: 2, value: '1' }] });
      await open.send({ topic, messages: [{ partition: 2, value: '2' }] });
      expect(await look()).toEqual([{ topic, partition: 2, offset: 2 }]);
    });

    it('is told by doctor, with what ends it', async () => {
      const home = keptDirectory();
      const { out } = await ran(`doctor --data-dir ${home} --models-dir ${home}`, COMMANDS, {
        environment: { KAFKA_BROKERS: broker, KAFKA_TOPIC_PREFIX: prefix },
      });
      expect(out).toContain(`a transaction in topic ${topic}, partition 2, begun at offset 2, has not ended`);
      expect(out).toContain(`kafka-transactions.sh --bootstrap-server ${broker} abort --topic ${topic} --partition 2 --start-offset 2`); // prettier-ignore
    });

    it('is gone once it has ended', async () => {
      await open.abort();
      expect(await look()).toEqual([]);
    });
  });
}
