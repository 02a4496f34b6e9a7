import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeadLetter, readDeadLetters } from '../../../src/adapters/kafka/dead-letters.ts';
import { createFinishUnconfirmed } from '../../../src/usecases/finish-unconfirmed.ts';
import { openPaymentSink } from '../../../src/adapters/kafka/payment-sink.ts';
import { startStreamWorker } from '../../../src/compose/stream-worker.ts';
import { type Config } from '../../../src/config.ts';
import { createSimulation } from '../../../src/simulation/simulation.ts';
import { simulationOf } from '../../../src/simulation/scale.ts';
import { requestText } from '../../../src/wire/request-text.ts';
import { keptDirectory } from '../../support/directories.ts';
import { messagesOf, send } from '../../support/kafka.ts';
import { ownServers, serverAddresses } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { codec } from '../../support/shared-instances.ts';
import { openWorld, SILENT, type World } from '../../support/shared-worlds.ts';
import { anInstallation, decidedMessages, expectDecidedOnce, unfinishedMessages } from '../../support/stream-installations.ts'; // prettier-ignore
import { aPayment, decoder } from '../../support/streams.ts';

const found = serverAddresses('kafka', 'redis');

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

if ('missing' in found) {
  it.skip(found.missing);
} else {
  const { kafka } = found.address;

  describe('a stream worker', () => {
    const modelsDir = join(keptDirectory(), 'models');
    const servers = ownServers();
    beforeAll(async () => {
      await trainQuickModel(modelsDir);
      servers.start('redis');
    });
    afterAll(() => servers.stop());

    const install = (): Config => anInstallation(kafka, servers.address('redis'), modelsDir);
    const work = (config: Config) => startStreamWorker(config, SILENT, 'exactly-once');
    const drained = (config: Config): Promise<void> => until(async () => (await unfinishedMessages(config)) === 0);
    const topic = ({ kafkaTopicPrefix }: Config, name: string): string => kafkaTopicPrefix + name;

    /** Sends payments of a simulation, and what became of every tenth as a label. */
    const sendPayments = async (config: Config, count: number, seed: number): Promise<string[]> => {
      const sink = await openPaymentSink({ brokers: config.kafkaBrokers, prefix: config.kafkaTopicPrefix });
      const ids: string[] = [];
      for (const { transaction } of createSimulation(simulationOf({ transactions: count, users: 60, seed }))) {
        const transactionId = `${transaction.transactionId}-${seed}`;
        ids.push(transactionId);
        const value = requestText({ ...transaction, transactionId }, { dated: false });
        await sink.send([{ to: 'transactions', key: transaction.userId, value }]);
        if (ids.length % 10 !== 0) continue;
        const label = JSON.stringify({ transaction_id: transactionId, is_fraud: true, source: 'chargeback' });
        await sink.send([{ to: 'labels', key: transactionId, value: label }]);
      }
      await sink.close();
      return ids;
    };

    it('decides every payment once, binds labels, keeps aside what it cannot read', async () => {
      const config = install();
      const [worker, other] = [await work(config), await work(config)];
      const ids = await sendPayments(config, 300, 1);
      await send(kafka, topic(config, 'transactions'), [{ key: 'u', value: '{"user_id":' }]);
      await send(kafka, topic(config, 'labels'), [{ key: 'u', value: '{"transaction_id":"x"}' }]);
      await drained(config);
      const world = await openWorld(config);
      const records = await expectDecidedOnce(config, world, ids);
      const labels = records.filter(({ type }) => type === 'label');
      expect(labels.filter((record) => record.type === 'label' && record.payment !== undefined)).toHaveLength(30);
      const dead: DeadLetter[] = [];
      for await (const letter of readDeadLetters({ brokers: config.kafkaBrokers, prefix: config.kafkaTopicPrefix })) dead.push(letter); // prettier-ignore
      expect(dead.map(({ reason }) => reason).sort()).toEqual(['INVALID_JSON', 'INVALID_REQUEST']);
      const alerts = await messagesOf(kafka, topic(config, 'alerts'));
      const blocked = (await decidedMessages(config)).filter(({ decision }) => decision === 'block');
      expect(alerts.length).toBeGreaterThanOrEqual(blocked.length);
      const page = await worker.metricsText();
      expect(page).toContain(`sentinel_stream_lag_messages{topic="${topic(config, 'labels')}",partition="0"} 0`);
      expect(page).toContain('sentinel_stream_state{state="running"} 1');
      expect(worker.status().handled + other.status().handled).toBe(330);
      await worker.close();
      await other.close();
      expect(await world.store.unfinished(0, 10)).toEqual([]);
      await world.close();
    });

    it('gives the decision of a payment that a dead worker began and a sweep put on record, once', async () => {
      const config = install();
      const dead = await openWorld(config);
      const ids = ['a', 'b', 'c'];
      await send(kafka, topic(config, 'transactions'), ids.map((id) => ({ key: 'u1', value: JSON.stringify(aPayment(id)) }))); // prettier-ignore
      for (const { partition, offset, value } of await messagesOf(kafka, topic(config, 'transactions'))) {
        const request = decoder.decode(JSON.parse(value.toString()), { prefix: '', escaped: true });
        await dead.scoring.begin(request, { partition, offset }); // and is killed
      }
      const sweeping = await openWorld(config);
      const finish = createFinishUnconfirmed({ ...sweeping, codec, finishedMessages: () => Promise.resolve(() => false) }); // prettier-ignore
      expect(await finish(0)).toEqual({ finished: 0, left: 3, failed: [] });
      expect(await decidedMessages(config)).toEqual([]);
      const worker = await work(config);
      await drained(config);
      await worker.close();
      await expectDecidedOnce(config, sweeping, ids);
      expect(await sweeping.store.unfinished(0, 10)).toEqual([]);
      await Promise.all([dead.close(), sweeping.close()]);
    });

    it('waits for Redis, which is restored meanwhile, and then goes on with nothing lost or decided twice', async () => {
      const config = install();
      const worker = await work(config);
      const first = await sendPayments(config, 100, 2);
      await until(() => worker.status().handled > 50);
      servers.kill('redis');
      const second = await sendPayments(config, 100, 3);
      await until(() => worker.status().state === 'waiting');
      expect(worker.status().problem).toMatch(/Redis/);
      servers.start('redis');
      await drained(config);
      await worker.close();
      const world: World = await openWorld(config);
      await expectDecidedOnce(config, world, [...first, ...second]);
      await world.close();
    });
  });
}
