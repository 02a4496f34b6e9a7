import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { openPaymentSink } from '../../../src/adapters/kafka/payment-sink.ts';
import { createRandom } from '../../../src/stats/random.ts';
import { createSimulation } from '../../../src/simulation/simulation.ts';
import { simulationOf } from '../../../src/simulation/scale.ts';
import { requestText } from '../../../src/wire/request-text.ts';
import { keptDirectory } from '../../support/directories.ts';
import { messagesOf } from '../../support/kafka.ts';
import { ownServers, serverAddresses } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { openWorld } from '../../support/shared-worlds.ts';
import { anInstallation, expectDecidedOnce, unfinishedMessages } from '../../support/stream-installations.ts';
import { startWorkerProcesses } from '../../support/worker-processes.ts';

const found = serverAddresses('kafka', 'redis');

const KILLS = 6;
/** After every so many kills the broker is killed, too. */
const KILLS_A_RESTART = 3;
/** A worker frozen for longer than its session wakes up believing that its partitions are still its own. */
const FREEZE_MS = 12_000;
const FREEZE_AT = 4;
const LONGEST_PAUSE_MS = 6_000;
const PAUSE_MS = 20;

if ('missing' in found) {
  it.skip(found.missing);
} else {
  const servers = ownServers();
  let stop: () => void = () => undefined;
  afterAll(() => {
    stop();
    servers.stop();
  });

  it(`decides each payment once while workers are killed ${KILLS} times, frozen, and their broker restarted`, async () => {
    execFileSync(join(import.meta.dirname, '../../../sentinel'), ['--version']); // builds what has changed
    const modelsDir = join(keptDirectory(), 'models');
    await trainQuickModel(modelsDir);
    servers.start('kafka', 'redis');
    const config = anInstallation(servers.address('kafka'), servers.address('redis'), modelsDir);
    const world = await openWorld(config); // makes the topics; sweeps, as an instance beside the workers does
    const workers = startWorkerProcesses(config, 2);
    stop = workers.stop;
    const random = createRandom(11);

    let feeding = true;
    const feed = async (): Promise<void> => {
      const sink = await openPaymentSink({ brokers: config.kafkaBrokers, prefix: config.kafkaTopicPrefix });
      for (const { transaction } of createSimulation(simulationOf({ transactions: 1e9, users: 200, seed: 5 }))) {
        if (!feeding) break;
        const value = requestText(transaction, { dated: false });
        // What the broker did not take is not in the topic; what it took without saying so is.
        await sink.send([{ to: 'transactions', key: transaction.userId, value }]).catch(() => undefined);
        await sleep(PAUSE_MS);
      }
      await sink.close();
    };
    const fed = feed();

    await sleep(LONGEST_PAUSE_MS);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await sleep(random.integer(LONGEST_PAUSE_MS));
      const victim = workers.worker(random.integer(2));
      if (kill % FREEZE_AT === 0) {
        victim.kill('SIGSTOP');
        await sleep(FREEZE_MS);
        victim.kill('SIGCONT');
        await sleep(random.integer(1_000));
      }
      victim.kill('SIGKILL');
      if (kill % KILLS_A_RESTART !== 0) continue;
      servers.kill('kafka');
      await sleep(random.integer(1_000));
      servers.start('kafka');
    }
    feeding = false;
    await fed;
    while ((await unfinishedMessages(config).catch(() => Infinity)) > 0) await sleep(200);
    workers.stop();

    const sent = await messagesOf(config.kafkaBrokers[0]!, `${config.kafkaTopicPrefix}transactions`);
    const ids = sent.map(({ value }) => (JSON.parse(value.toString()) as { transaction_id: string }).transaction_id);
    expect(ids.length).toBeGreaterThan(100);
    while ((await world.store.unfinished(0, 1)).length > 0) await sleep(500); // what died unconfirmed is swept
    await expectDecidedOnce(config, world, ids);
    await world.close();
  });
}
