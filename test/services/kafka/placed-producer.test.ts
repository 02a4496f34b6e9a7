import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openPlacedProducer } from '../../../src/adapters/kafka/placed-producer.ts';
import { someTopics } from '../../support/kafka.ts';
import { kafkaLine } from '../../support/servers.ts';
import { aTcpProxy } from '../../../bench/tcp-proxy.ts';

const found = kafkaLine();
const portOf = (address: string): number => Number(address.split(':').at(-1));

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const { line, broker } = found.address;
  const PATIENCE_MS = 3_000;
  const LATE_MS = 1.5 * PATIENCE_MS;

  it('tells each that waits in time that the broker is away, and writes again once it is back', async () => {
    const proxy = await aTcpProxy(portOf(broker), portOf(line));
    const topic = `${await someTopics(line, ['journal'])}journal`;
    const producer = await openPlacedProducer({ brokers: [line], patienceMs: PATIENCE_MS }, topic);
    const message = { key: 'k', value: Buffer.from('v'), partition: 0, headers: {} };
    await producer.send(message);
    expect(producer.isSending()).toBe(true);

    proxy.cut();
    const waits = [0, 1, 2, 3].map(async (place) => {
      await sleep((place * PATIENCE_MS) / 2); // all but the first behind a request that fails
      const begunMs = performance.now();
      await expect(producer.send(message)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      return performance.now() - begunMs;
    });
    for (const waitedMs of await Promise.all(waits)) expect(waitedMs).toBeLessThan(LATE_MS);
    expect(producer.isSending()).toBe(false);

    proxy.heal();
    await expect.poll(() => producer.send(message).then(() => producer.isSending(), () => false), { timeout: 60_000 }).toBe(true); // prettier-ignore
    await producer.close();
    await proxy.close();
  }, 120_000);
}
