import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { acknowledged, type Appender, expectWhole, startAppender } from '../../support/appenders.ts';
import { range } from '../../support/journals.ts';
import { someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

const KILLS = 40;
/** Topics worked on side by side, so that the start of one process hides behind another's work. */
const LANES = 2;
const LONGEST_RUN_MS = 120;
const INSTANCES = 8;

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;

  it(`keeps every acknowledged record over ${KILLS} kills`, async () => {
    const lane = async (number: number): Promise<number> => {
      const prefix = await someTopics(broker, ['journal']);
      const told: string[] = [];
      for (let kill = 0; kill < KILLS / LANES; kill += 1) {
        const appender = startAppender(broker, prefix, `${number}.${kill}`);
        await appender.atWork;
        await sleep((kill * 37 + number * 11) % LONGEST_RUN_MS);
        appender.child.kill('SIGKILL');
        await appender.ended;
        told.push(...acknowledged(appender));
        await expectWhole(broker, prefix, told);
      }
      return told.length;
    };
    const counts = await Promise.all(range(1, LANES).map(lane));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(KILLS / LANES);
  });

  it('lets a second instance take over and the first one write nothing that counts', async () => {
    const prefix = await someTopics(broker, ['journal']);
    const told: string[] = [];
    let last: Appender | undefined;
    for (let instance = 0; instance < INSTANCES; instance += 1) {
      const next = startAppender(broker, prefix, `i${instance}`);
      await next.atWork; // beside the former one, which appends all the time
      if (last !== undefined) {
        await last.ended;
        expect(last.lines().at(-1)).toMatch(/^poisoned .*another instance has taken over/);
        told.push(...acknowledged(last));
      }
      last = next;
      await sleep(50);
    }
    last!.child.kill('SIGKILL');
    await last!.ended;
    told.push(...acknowledged(last!));
    expect(await expectWhole(broker, prefix, told)).toBeGreaterThan(INSTANCES);
  });

  it('wakes a frozen instance only to end it', async () => {
    const prefix = await someTopics(broker, ['journal']);
    const frozen = startAppender(broker, prefix, 'frozen');
    await frozen.atWork;
    frozen.child.kill('SIGSTOP');
    const next = startAppender(broker, prefix, 'next');
    await next.atWork;
    frozen.child.kill('SIGCONT');
    await frozen.ended;
    expect(frozen.lines().at(-1)).toMatch(/^poisoned/);
    next.child.kill('SIGKILL');
    await next.ended;
    await expectWhole(broker, prefix, [...acknowledged(frozen), ...acknowledged(next)]);
  });
}
