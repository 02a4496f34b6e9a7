import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { acknowledged, expectWhole, startAppender } from '../../support/appenders.ts';
import { someTopics } from '../../support/kafka.ts';
import { ownServers, serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

const RESTARTS = 6;

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const servers = ownServers();
  afterAll(() => servers.stop());

  it(`goes on through ${RESTARTS} kills of the broker with the same process, nothing lost or written twice`, async () => {
    servers.start('kafka');
    const broker = servers.address('kafka');
    const prefix = await someTopics(broker, ['journal']);
    const appender = startAppender(broker, prefix, 'r');
    await appender.atWork;
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await sleep(300 + 100 * restart);
      servers.kill('kafka');
      servers.start('kafka');
      const before = acknowledged(appender).length;
      while (acknowledged(appender).length === before && appender.child.exitCode === null) await sleep(20);
      expect(appender.lines().filter((line) => line.startsWith('poisoned'))).toEqual([]);
    }
    appender.child.kill('SIGKILL');
    await appender.ended;
    expect(await expectWhole(broker, prefix, acknowledged(appender))).toBeGreaterThan(RESTARTS);
  });
}
