import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { createRandom } from '../../../src/stats/random.ts';
import { messagesOf, send, someTopics } from '../../support/kafka.ts';
import { range } from '../../support/journals.ts';
import { ownServers, serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

const KILLS = 24;
const RESTARTS = 4;
const SCRIPT = join(import.meta.dirname, 'worker.ts');
const LONGEST_PAUSE_MS = 2_500;
/** A worker frozen for longer than its session wakes up believing that its partitions are still its own. */
const FREEZE_MS = 7_000;
const BATCH = 50;

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const servers = ownServers();
  let working = true;
  const workers: ChildProcess[] = [];
  afterAll(() => {
    working = false;
    for (const worker of workers) worker.kill('SIGKILL');
    servers.stop();
  });

  it(`decides each payment once over ${KILLS} kills of workers and ${RESTARTS} of the broker`, async () => {
    servers.start('kafka');
    const broker = servers.address('kafka');
    const prefix = await someTopics(broker, ['transactions', 'decisions', 'journal'], 6);
    const random = createRandom(4);
    const start = (index: number): void => {
      const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, broker, prefix], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      workers[index] = child;
      child.on('exit', () => working && start(index));
    };
    start(0);
    start(1);
    let feeding = true;
    const fed = (async () => {
      for (let batch = 0; feeding; batch += 1) {
        const numbers = range(batch * BATCH, (batch + 1) * BATCH - 1);
        await send(
          broker,
          `${prefix}transactions`,
          numbers.map((n) => ({ key: `u${n % 97}`, value: `p${n}` })),
        ).catch(() => undefined); // what the broker did not take, or took twice, is counted as it lies in the topic
        await sleep(100);
      }
    })();

    for (let kill = 1; kill <= KILLS; kill += 1) {
      await sleep(random.integer(LONGEST_PAUSE_MS));
      const victim = workers[random.integer(2)]!;
      if (kill % 6 === 0) {
        victim.kill('SIGSTOP');
        await sleep(FREEZE_MS);
        victim.kill('SIGCONT');
        await sleep(random.integer(1_000));
      }
      victim.kill('SIGKILL');
      if (kill % (KILLS / RESTARTS) !== 0) continue;
      servers.kill('kafka');
      await sleep(random.integer(1_000));
      servers.start('kafka');
    }
    feeding = false;
    await fed;

    const sent = await messagesOf(broker, `${prefix}transactions`);
    await finished(broker, prefix, sent.length);
    working = false;
    for (const worker of workers) worker.kill('SIGKILL');
    const expected = sent.map(({ partition, offset, value }) => `${partition}:${offset}:${value.toString()}`).sort();
    const decisions = await messagesOf(broker, `${prefix}decisions`);
    expect(decisions.map(({ value }) => value.toString()).sort()).toEqual(expected);
    expect(await messagesOf(broker, `${prefix}journal`)).toHaveLength(sent.length);
    expect(sent.length).toBeGreaterThan(KILLS * BATCH);
  });
}

/** Waits until the group has finished as many messages. */
async function finished(broker: string, prefix: string, count: number): Promise<void> {
  const admin = createKafka({ brokers: [broker] }).admin();
  await admin.connect();
  for (let done = 0; done < count; await sleep(200)) {
    const [group] = await admin
      .fetchOffsets({ groupId: `${prefix}workers`, topics: [`${prefix}transactions`] })
      .catch(() => []); // the coordinator is loading
    done = (group?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }
  await admin.disconnect();
}
