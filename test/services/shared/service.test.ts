import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Config, type SettingName, SETTINGS } from '../../../src/config.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { bodyOf, expectReadable, expectRemembered } from '../../faults/service/proofs.ts';
import { type Answered, type ServiceProcess, startPaying, startProcess } from '../../faults/service/service-process.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { aDatabase, query } from '../../support/databases.ts';
import { keptDirectory } from '../../support/directories.ts';
import { ownServers, serverAddresses } from '../../support/servers.ts';
import { aClient, aConfig, aPayment, type Client, trainQuickModel } from '../../support/services.ts';
import { differencesIn, journalOf, openWorld } from '../../support/shared-worlds.ts';

const NEEDED = ['kafka', 'redis', 'postgres'] as const;
const found = serverAddresses(...NEEDED);

if ('missing' in found) {
  it.skip(found.missing);
} else {
  describe('several instances of the service', () => {
    const directory = keptDirectory();
    const modelsDir = join(directory, 'models');
    const servers = ownServers();
    const running: ServiceProcess[] = [];
    let flags: Partial<Record<SettingName, string>>;
    let config: Config;

    beforeAll(async () => {
      servers.start(...NEEDED);
      execFileSync(join(import.meta.dirname, '../../../sentinel'), ['--version']); // builds what has changed
      await trainQuickModel(modelsDir);
    });
    afterEach(() => {
      for (const { child } of running.splice(0)) child.kill('SIGKILL');
    });
    afterAll(() => servers.stop());

    /** An installation of its own on all servers. */
    const install = async (
      overrides: Partial<Record<SettingName, string>> = {},
      without: readonly SettingName[] = [],
    ): Promise<void> => {
      const databaseUrl = await aDatabase(servers.address('postgres'));
      flags = {
        kafkaBrokers: servers.address('kafka'),
        kafkaTopicPrefix: `${randomUUID()}.`,
        kafkaPartitions: '3',
        redisUrl: servers.address('redis'),
        redisName: randomUUID(),
        databaseUrl,
        ledger: 'true',
        ledgerCpuShare: '1',
        ...overrides,
      };
      flags = Object.fromEntries(Object.entries(flags).filter(([name]) => !without.includes(name as SettingName)));
      config = aConfig(join(directory, randomUUID()), modelsDir, flags);
    };

    const environmentOf = (overrides: Partial<Record<SettingName, string>> = {}): Record<string, string> =>
      Object.fromEntries(
        Object.entries({ ...flags, dataDir: config.dataDir, modelsDir, ...overrides }).map(([name, value]) => [
          SETTINGS[name as SettingName].environment,
          value,
        ]),
      );

    /** One more instance of it, a process of its own. */
    const start = async (overrides: Partial<Record<SettingName, string>> = {}): Promise<ServiceProcess & { readonly client: Client }> => {
      const service = await startProcess([], { environment: environmentOf(overrides) });
      running.push(service);
      return { ...service, client: aClient(service.url) };
    }; // prettier-ignore

    const said = async (client: Client, path: string) => (await client.get(path)).body;
    const healthy = (client: Client) => expect.poll(() => said(client, '/health'), { timeout: 60_000 }).toMatchObject({ status: 'healthy' }); // prettier-ignore

    /** One decision for each id, in the journal without a gap, as a replay makes it, and in the ledger. */
    const expectWhole = async (answered: ReadonlyMap<string, Answered>): Promise<void> => {
      const world = await openWorld(config);
      const records = await journalOf(world);
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1));
      const decisions = records.filter((record): record is DecisionRecord => record.type === 'decision');
      const ids = new Set(decisions.map(({ transaction }) => transaction.transactionId));
      expect(ids.size).toBe(decisions.length);
      for (const id of answered.keys()) expect(ids.has(id)).toBe(true);
      expect(await differencesIn(records, world)).toEqual([]);
      const rows = async (): Promise<readonly number[]> =>
        (await query<{ seq: string }>(flags.databaseUrl!, 'select seq from transactions order by seq')).map(({ seq }) => Number(seq)); // prettier-ignore
      await expect.poll(rows, { timeout: 60_000 }).toEqual(decisions.map(({ seq }) => seq));
      await world.close();
    };

    it('answers a payment sent to both at once one time, and shares labels, decisions and limits', async () => {
      await install({ rateLimitPerSecond: '400' });
      const [one, two] = await Promise.all([start(), start()]);
      await Promise.all([healthy(one.client), healthy(two.client)]);
      const payment = aPayment({ transaction_id: 'both' });
      const answers = await Promise.all([one, two, one, two].map(({ client }) => client.post('/api/v1/predict', payment)));
      const answered = answers.map(({ status, body: { cached: _, inference_time_ms: __, ...body } }) => ({ status, body }));
      for (const answer of answered) expect(answer).toEqual({ ...answered[0], status: 200 });
      expect(answers.filter(({ body }) => body['cached'] === false)).toHaveLength(1);
      expect((await two.client.post('/api/v1/predict', { ...payment, amount: 1 })).status).toBe(409);
      expect(await said(two.client, '/api/v1/decisions/both')).toMatchObject(answered[0]!.body);

      const label = { transaction_id: 'both', is_fraud: true, source: 'chargeback' };
      expect((await one.client.post('/api/v1/labels', label)).body).toMatchObject({ status: 'recorded' });
      const weaker = { ...label, is_fraud: false, source: 'customer' };
      expect(JSON.stringify((await two.client.post('/api/v1/labels', weaker)).body)).toContain('chargeback');
      const labels = async () => JSON.stringify(await said(two.client, '/api/v1/decisions/both'));
      await expect.poll(labels, { timeout: 30_000 }).toContain('chargeback');
      expect(await said(two.client, '/api/v1/entities/user/user_1')).toMatchObject({ id: 'user_1' });
      const listed = async () => JSON.stringify(await said(two.client, '/api/v1/decisions?limit=5'));
      await expect.poll(listed, { timeout: 30_000 }).toContain('both');

      const burst = Array.from({ length: 1_600 }, (_, i) => (i % 2 === 0 ? one : two).client.get('/api/v1/model/info'));
      const let_in = (await Promise.all(burst)).filter(({ status }) => status === 200).length;
      expect(let_in).toBeLessThan(1_300);
      await sleep(1_500);
      await expectWhole(new Map());

      const checks = async (more: Readonly<Record<string, string>> = {}) => {
        const environment = { ...environmentOf(), ...more };
        const { out } = await ran('doctor --json --port 0', COMMANDS, { environment });
        const { checks: found } = JSON.parse(out) as { checks: readonly { name: string; status: string; finding: string }[] };
        return new Map(found.map((check) => [check.name, check]));
      };
      const found = await checks();
      expect(found.get('kafka')).toMatchObject({ status: 'warn', finding: expect.stringContaining('survives the end of the process') as string });
      expect(found.get('redis')).toMatchObject({ status: 'ok', finding: expect.stringMatching(/^open; journal at \d+/) as string });
      expect(found.get('ledger')).toMatchObject({ status: 'ok' });
      const stranger = { SENTINEL_TOKEN_KEY: 'another'.repeat(5) };
      expect((await checks(stranger)).get('redis')).toMatchObject({ status: 'fail', finding: expect.stringContaining('token key') as string });
      await expect(start({ tokenKey: 'another'.repeat(5) })).rejects.toThrow(/the token key is another than that of the other instances/);
      for (const { child, ended } of [one, two]) {
        child.kill('SIGTERM');
        expect(await ended).toBe(0);
      }
    }); // prettier-ignore

    it('loses and doubles nothing while an instance, Redis, the broker and PostgreSQL die under load', async () => {
      await install();
      const one = await start();
      let two = await start();
      await Promise.all([healthy(one.client), healthy(two.client)]);
      const answered = new Map<string, Answered>();
      const payUntil = async (url: string, run: string, work: () => Promise<void>): Promise<void> => {
        const payer = startPaying(url, run, 4, bodyOf);
        await work();
        payer.stop();
        await expect.poll(() => payer.inFlight(), { timeout: 60_000 }).toBe(0);
        for (const [id, answer] of payer.answered) answered.set(id, answer);
      };
      const on = async (faults: string, work: () => Promise<void>): Promise<void> => {
        const before = answered.size;
        await Promise.all([payUntil(one.url, `${faults}1`, work), payUntil(two.url, `${faults}2`, () => sleep(1_500))]);
        expect(answered.size).toBeGreaterThan(before);
      };
      await on('kill', async () => {
        await sleep(1_000);
        two.child.kill('SIGKILL');
        await sleep(500);
      });
      two = await start();
      await on('redis', async () => {
        await sleep(500);
        servers.kill('redis');
        servers.start('redis');
        await healthy(one.client);
        await sleep(500);
      });
      await on('postgres', async () => {
        servers.kill('postgres');
        await sleep(1_000);
        servers.start('postgres');
      });
      await on('kafka', async () => {
        servers.kill('kafka');
        servers.start('kafka');
        await sleep(2_000);
      });
      await Promise.all([healthy(one.client), healthy(two.client)]);
      await sleep(45_000); // what the killed one left is swept after half a minute
      await expectReadable(two.url, answered);
      await expectRemembered(one.url, answered);
      await expectWhole(answered);
    }, 400_000);

    it('may be one alone, with its journal on Kafka and its profiles in memory, and goes on after a restart', async () => {
      await install({ ledger: 'false' }, ['redisUrl', 'redisName', 'databaseUrl']);
      const first = await start();
      const payer = startPaying(first.url, 'alone', 4, bodyOf);
      await expect.poll(() => payer.answered.size, { timeout: 60_000 }).toBeGreaterThan(50);
      payer.stop();
      await expect.poll(() => payer.inFlight(), { timeout: 60_000 }).toBe(0);
      first.child.kill('SIGTERM');
      expect(await first.ended).toBe(0);
      expect(readdirSync(join(config.dataDir, 'snapshots'))).toHaveLength(1);
      const second = await start();
      await expectRemembered(second.url, payer.answered);
      const third = await start({
        dataDir: join(directory, 'elsewhere'),
        journalKey: readFileSync(join(config.dataDir, 'journal.key')).toString('hex'),
      });
      expect((await second.client.post('/api/v1/predict', aPayment())).status).toBe(503); // taken over
      expect(await second.ended).not.toBe(0);
      await expectRemembered(third.url, payer.answered);
      await expect(start({ apiWorkers: '2' })).rejects.toThrow('exactly one process scores');
    }, 300_000);

    it('runs as several processes on one port, each replaced when it dies, all ended by one signal', async () => {
      await install({ apiWorkers: '2' });
      const service = await start();
      await healthy(service.client);
      const workers = (): number[] =>
        execFileSync('pgrep', ['-P', String(service.child.pid)], { encoding: 'utf8' }).trim().split('\n').map(Number); // prettier-ignore
      expect(workers()).toHaveLength(2);
      const metrics = async () => (await fetch(`${service.url}/metrics`)).text();
      const shown = /sentinel_model_info\{worker="1",[^]*sentinel_model_info\{worker="2",/.test(await metrics());
      expect(shown).toBe(true);
      const payer = startPaying(service.url, 'workers', 8, bodyOf);
      await sleep(1_000);
      process.kill(workers()[0]!, 'SIGKILL');
      await sleep(500);
      payer.stop();
      await expect.poll(workers, { timeout: 60_000 }).toHaveLength(2);
      await expect.poll(metrics, { timeout: 60_000 }).toContain('worker="2"');
      await sleep(40_000);
      await expectRemembered(service.url, payer.answered);
      await expectWhole(payer.answered);
      const left = workers();
      service.child.kill('SIGTERM');
      expect(await service.ended).toBe(0);
      for (const pid of left) expect(() => process.kill(pid, 0)).toThrow();
      expect(service.said()).not.toContain('not every worker ended in order');
    }, 300_000);
  });
}
