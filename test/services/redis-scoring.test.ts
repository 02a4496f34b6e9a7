import { afterAll, describe, expect, it } from 'vitest';
import { testSharedScoring } from '../contracts/shared-scoring.ts';
import { installedRedis, startRedisServer } from '../support/redis-server.ts';
import { openStore, redisWorld } from '../support/redis-worlds.ts';
import { aClaim } from '../support/shared-stores.ts';

const version = installedRedis();

if (version === undefined) {
  it.skip('needs Redis installed (apt-get install redis-server)');
} else {
  const server = await startRedisServer(version);
  afterAll(() => server.stop());
  testSharedScoring(`Redis ${version}`, redisWorld(server.url));

  describe('a Redis server in trouble', () => {
    it('is to be restored after every restart, however much of its data came back', async () => {
      const on = await openStore(server.url, 'restarted');
      await (await on.state.restore()).open({ seq: 10, arrivalMs: 5 }, 0);
      await on.store.claim(aClaim('t1'));
      const epoch = on.store.epoch();
      await server.restart();
      await until(async () => (await on.state.status()) === 'restoring');
      await expect(on.store.claim(aClaim('t1'))).rejects.toMatchObject({ code: 'NOT_READY' });
      await (await on.state.restore()).open({ seq: 20, arrivalMs: 5 }, 0);
      expect(on.store.epoch()).toBeGreaterThan(epoch);
      expect(await on.store.claim(aClaim('t1'))).toMatchObject({ status: 'claimed', place: { seq: 21 } });
      await on.close();
    });

    it('is not waited for: calls are refused at once while it is away, and go on when it is back', async () => {
      const on = await openStore(server.url, 'away');
      await server.kill();
      const began = Date.now();
      await expect(on.store.claim(aClaim('t1'))).rejects.toMatchObject({ code: 'NOT_READY' });
      expect(Date.now() - began).toBeLessThan(3_000);
      await expect(openStore(server.url, 'away')).rejects.toMatchObject({ code: 'NOT_READY' });
      await server.restart();
      await until(async () => (await on.state.status()) === 'restoring');
      await on.close();
    });

    it('is to be restored when someone has emptied it or its functions', async () => {
      const on = await openStore(server.url, 'emptied');
      for (const command of [['FLUSHALL'], ['FUNCTION', 'FLUSH']] as const) {
        await (await on.state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
        await on.store.claim(aClaim('t1'));
        await run(server.url, command);
        await expect(on.store.claim(aClaim('t2'))).rejects.toMatchObject({ code: 'NOT_READY' });
        await until(async () => (await on.state.status()) === 'restoring');
      }
      await on.close();
    });

    it('says what is wrong with how it is set up', async () => {
      const on = await openStore(server.url, 'checked');
      expect(await on.check()).toEqual([]);
      await run(server.url, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
      await run(server.url, ['CONFIG', 'SET', 'appendfsync', 'always']);
      const problems = await on.check();
      expect(problems).toHaveLength(2);
      expect(problems[0]).toContain('noeviction');
      expect(problems[1]).toContain('everysec');
      await run(server.url, ['CONFIG', 'SET', 'appendfsync', 'everysec']);
      await on.close();
    });

    it('refuses payments when its memory is full, and loses none', async () => {
      const on = await openStore(server.url, 'full');
      await run(server.url, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
      await (await on.state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
      await on.store.claim(aClaim('t1'));
      await run(server.url, ['CONFIG', 'SET', 'maxmemory', '1mb']);
      await expect(on.store.claim(aClaim('t2'))).rejects.toMatchObject({ code: 'NOT_READY' });
      await on.store.confirm({ transactionId: 't1', seq: 1, epoch: on.store.epoch(), answer: new Uint8Array(8) });
      await run(server.url, ['CONFIG', 'SET', 'maxmemory', '0']);
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

async function run(url: string, command: readonly string[]): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  execFileSync('redis-cli', ['-u', url, ...command], { stdio: 'ignore' });
}
