import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSharedScoring } from '../contracts/shared-scoring.ts';
import { openStore, redisWorld } from '../support/redis-worlds.ts';
import { ownServers, serverAddress } from '../support/servers.ts';
import { aClaim } from '../support/shared-stores.ts';

const found = serverAddress('redis');

if ('missing' in found) {
  it.skip(`needs Redis: ${found.missing}`);
} else {
  testSharedScoring('Redis', redisWorld(found.address));

  describe('a Redis server in trouble', () => {
    const servers = ownServers();
    let url: string;

    beforeAll(() => {
      servers.start('redis');
      url = servers.address('redis');
    });
    afterAll(() => servers.stop());

    it.each(['nothing', 'everything'])('is to be restored after every restart, though %s came back', async (what) => {
      const on = await openStore(url, `restarted-${what}`);
      await (await on.state.restore()).open({ seq: 10, arrivalMs: 5 }, 0);
      await on.store.claim(aClaim('t1'));
      const epoch = on.store.epoch();
      if (what === 'everything') await run(url, ['SAVE']);
      servers.kill('redis');
      servers.start('redis');
      await until(
        async () => (await read(url, ['EXISTS', `restarted-${what}:order`])) === (what === 'everything' ? '1' : '0'),
      );
      await until(async () => (await on.state.status()) === 'restoring');
      await expect(on.store.claim(aClaim('t1'))).rejects.toMatchObject({ code: 'NOT_READY' });
      await (await on.state.restore(epoch)).open({ seq: 20, arrivalMs: 5 }, 0); // the journal knows the epoch
      expect(on.store.epoch()).toBeGreaterThan(epoch);
      expect(await on.store.claim(aClaim('t1'))).toMatchObject({ status: 'claimed', place: { seq: 21 } });
      await on.close();
    });

    it('is not waited for: calls are refused at once while it is away, and go on when it is back', async () => {
      const on = await openStore(url, 'away');
      servers.kill('redis');
      const began = Date.now();
      await expect(on.store.claim(aClaim('t1'))).rejects.toMatchObject({ code: 'NOT_READY' });
      expect(Date.now() - began).toBeLessThan(3_000);
      await expect(openStore(url, 'away')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      servers.start('redis');
      await until(async () => (await on.state.status()) === 'restoring');
      await on.close();
    });

    it('is to be restored when someone has emptied it or its functions', async () => {
      const on = await openStore(url, 'emptied');
      for (const command of [['FLUSHALL'], ['FUNCTION', 'FLUSH']] as const) {
        await (await on.state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
        await on.store.claim(aClaim('t1'));
        await run(url, command);
        await expect(on.store.claim(aClaim('t2'))).rejects.toMatchObject({ code: 'NOT_READY' });
        await until(async () => (await on.state.status()) === 'restoring');
      }
      await on.close();
    });

    it('says what is wrong with how it is set up', async () => {
      const on = await openStore(url, 'checked');
      expect(await on.check()).toEqual([]);
      await run(url, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
      await run(url, ['CONFIG', 'SET', 'appendonly', 'yes']);
      await run(url, ['CONFIG', 'SET', 'appendfsync', 'always']);
      const problems = await on.check();
      expect(problems).toHaveLength(2);
      expect(problems[0]).toContain('noeviction');
      expect(problems[1]).toContain('everysec');
      await run(url, ['CONFIG', 'SET', 'appendonly', 'no']);
      await on.close();
    });

    it('refuses payments when its memory is full, and loses none', async () => {
      const on = await openStore(url, 'full');
      await run(url, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
      await (await on.state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
      await on.store.claim(aClaim('t1'));
      await run(url, ['CONFIG', 'SET', 'maxmemory', '1mb']);
      await expect(on.store.claim(aClaim('t2'))).rejects.toMatchObject({ code: 'NOT_READY' });
      await on.store.confirm({ transactionId: 't1', seq: 1, epoch: on.store.epoch(), answer: new Uint8Array(8) });
      await run(url, ['CONFIG', 'SET', 'maxmemory', '0']);
      expect(await on.store.claim(aClaim('t2'))).toMatchObject({ status: 'claimed', place: { seq: 2 } });
      await on.close();
    });
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('not within five seconds');
}

async function read(url: string, command: readonly string[]): Promise<string> {
  const { execFileSync } = await import('node:child_process');
  return execFileSync('redis-cli', ['-u', url, ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

async function run(url: string, command: readonly string[]): Promise<void> {
  await read(url, command);
}
