import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { aTcpProxy } from '../../../bench/tcp-proxy.ts';
import { createKafka, IN_ORDER, TRANSACTION_RETRY } from '../../../src/adapters/kafka/client.ts';
import { messagesOf, someTopics } from '../../support/kafka.ts';
import { freePorts, prepareKafka } from '../../support/own-kafka.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

const PARTITIONS = 12;
const ROUNDS = 4;
/** How long the line stays cut after a start: longer than a broker is fenced then. */
const CUT_MS = 6_000;
const LIMIT_MS = 60_000;

/** One open transaction for each partition, with a message in it. */
async function beginTransactions(broker: string, topic: string) {
  const kafka = createKafka({ brokers: [broker] });
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  return Promise.all(
    partitions.map(async (partition) => {
      const transactionalId = `prepared-${partition}`;
      const producer = kafka.producer({ ...IN_ORDER, idempotent: true, transactionalId, retry: TRANSACTION_RETRY });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ partition, key: 'key', value: 'value' }] });
      return { commit: () => transaction.commit(), end: () => producer.disconnect() };
    }),
  );
}

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-prepared-'));
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  };
  afterAll(async () => {
    await kill();
    rmSync(directory, { recursive: true });
  });

  // Kafka 4.3.0, 4.3.1 and 4.4.0 fail here (KAFKA-20734): what they forget hides all that follows in its partition.
  it('has a broker that ends the transactions it had only prepared when it was killed', async () => {
    const [port, controller, lined, line] = (await freePorts(4)) as [number, number, number, number];
    const settings = { 'inter.broker.listener.name': 'LINED' }; // by which a broker tells partitions of an end, itself too
    const { program, words } = await prepareKafka(directory, { port, controller, lined, line }, settings);
    const broker = `127.0.0.1:${port}`;
    const proxy = await aTcpProxy(lined, line);
    const start = (): void => void (child = spawn(program, words, { cwd: directory, stdio: 'ignore' }));
    start();
    const topic = `${await someTopics(broker, ['journal'], PARTITIONS)}journal`;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const transactions = await beginTransactions(broker, topic);
      proxy.cut();
      await Promise.all(transactions.map(({ commit }) => commit()));
      await Promise.all(transactions.map(({ end }) => end()));
      expect(await messagesOf(broker, topic)).toHaveLength((round - 1) * PARTITIONS);

      await kill();
      start();
      await sleep(CUT_MS);
      proxy.heal();
      const committed = async (): Promise<number> => (await messagesOf(broker, topic)).length;
      await expect.poll(committed, { timeout: LIMIT_MS, interval: 500 }).toBe(round * PARTITIONS);
    }
    await proxy.close();
  });
}
