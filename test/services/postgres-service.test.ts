import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LedgerBenched } from '../../src/cli/commands/bench-ledger.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { aDatabase, query } from '../support/databases.ts';
import { keptDirectory } from '../support/directories.ts';
import { ran } from '../support/command-lines.ts';
import { ownServers, serverAddress } from '../support/servers.ts';
import { aConfig, aPayment, trainQuickModel, withService } from '../support/services.ts';

const found = serverAddress('postgres');
const PAYMENTS = 30;

if ('missing' in found) {
  it.skip(`needs PostgreSQL: ${found.missing}`);
} else {
  const servers = ownServers();
  servers.start('postgres');
  const databaseUrl = await aDatabase(servers.address('postgres'));
  afterAll(() => servers.stop());

  describe('a service with its ledger on a server', () => {
    const directory = keptDirectory();
    const modelsDir = join(directory, 'models');
    const config = aConfig(directory, modelsDir, { ledger: 'true', ledgerCpuShare: '1', databaseUrl });
    const environment = { DATABASE_URL: databaseUrl };
    const places = `--data-dir ${config.dataDir} --models-dir ${modelsDir}`;
    const json = async (line: string): Promise<Readonly<Record<string, unknown>>> =>
      JSON.parse((await ran(`${line} --json`, COMMANDS, { environment })).out) as Readonly<Record<string, unknown>>;
    const rows = async (): Promise<number> =>
      (await query<{ rows: number }>(databaseUrl, 'select count(*)::int as rows from transactions'))[0]!.rows;

    beforeAll(async () => {
      await trainQuickModel(modelsDir);
    }, 60_000);

    it('scores while the server is away, says so, and fills the ledger once it is there', async () => {
      servers.kill('postgres');
      await withService(config, async (client) => {
        for (let i = 0; i < PAYMENTS; i++) {
          const { status } = await client.post('/api/v1/predict', aPayment({ transaction_id: `p${i}` }));
          expect(status).toBe(200);
        }
        const health = async () => (await client.get('/health')).body;
        await expect.poll(health, { timeout: 10_000 }).toMatchObject({ status: 'degraded', database_status: 'disconnected' }); // prettier-ignore
        expect((await client.get('/api/v1/stats')).status).toBe(503);
        servers.start('postgres');
        await expect.poll(health, { timeout: 60_000 }).toMatchObject({ status: 'healthy', database_status: 'connected' }); // prettier-ignore
        await expect.poll(rows, { timeout: 60_000 }).toBe(PAYMENTS);
        expect((await client.get('/api/v1/stats')).body).toMatchObject({ decisions: PAYMENTS });
        expect((await client.get('/api/v1/config')).body).toMatchObject({ databaseUrl: '***' });
      });
    });

    it('goes on where it stood, and can be made again', async () => {
      await withService(config, async (client) => {
        await client.post('/api/v1/predict', aPayment({ transaction_id: 'after a restart' }));
        await expect.poll(rows, { timeout: 60_000 }).toBe(PAYMENTS + 1);
      });
      await query(databaseUrl, 'truncate transactions');
      expect(await json(`ledger rebuild --yes ${places}`)).toMatchObject({ records: expect.any(Number) as number });
      expect(await rows()).toBe(PAYMENTS + 1);
    });

    it('is pruned by month, and the journal keeps what went', async () => {
      const line = `ledger prune --data-dir ${config.dataDir} --before`;
      const refused = await ran(`${line} 2099-01-01`, COMMANDS, { environment });
      expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') as string });
      expect(await json(`${line} 2020-05-05 --yes`)).toMatchObject({ before: '2020-05-01T00:00:00.000Z', payments: 0 });
      const pruned = await json(`${line} 2099-01-01 --yes`);
      expect(pruned).toMatchObject({ payments: PAYMENTS + 1 });
      expect(pruned.journalHead).toBeGreaterThan(PAYMENTS);
      expect(await rows()).toBe(0);
      const unasked = await ran(`ledger rebuild ${places}`, COMMANDS, { environment });
      expect(unasked).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') as string });
      expect(await rows()).toBe(0);
      await json(`ledger rebuild --yes ${places}`);
      expect(await rows()).toBe(PAYMENTS + 1);
    });

    it('is looked at by doctor', async () => {
      const check = async (): Promise<unknown> =>
        ((await json(`doctor ${places} --port 0`)).checks as { name: string }[]).find(({ name }) => name === 'ledger');
      expect(await check()).toMatchObject({ status: 'ok', finding: expect.stringMatching(new RegExp(`^PostgreSQL \\d+.* at .*${new URL(databaseUrl).pathname}, journal at \\d+$`)) as string }); // prettier-ignore
      servers.kill('postgres');
      expect(await check()).toMatchObject({ status: 'warn', finding: expect.stringContaining('cannot be reached') as string }); // prettier-ignore
      servers.start('postgres');
    });

    it('tells a rebuild at once that the server is away', async () => {
      const away = { DATABASE_URL: 'postgresql://sentinel:s3cret@127.0.0.1:1/ledger' };
      const { exitCode, err } = await ran(`ledger rebuild --yes ${places}`, COMMANDS, { environment: away });
      expect(exitCode).toBe(1);
      expect(err).toContain('127.0.0.1:1/ledger');
      expect(err).not.toContain('s3cret');
    });
  });

  const scratch = keptDirectory();

  it('is measured with made-up decisions, by plans that read no large table from end to end', async () => {
    const url = await aDatabase(servers.address('postgres'));
    const line = 'bench ledger --rows 30000 --keys 20 --server --json';
    const environment = { DATABASE_URL: url };
    const report = JSON.parse((await ran(line, COMMANDS, { environment })).out) as LedgerBenched;
    expect(report).toMatchObject({ decisions: 30_000, fill: { records: expect.any(Number) as number } });
    expect(report.questions.flatMap(({ sequentialScans }) => sequentialScans)).toEqual([]);
    const [script, log] = [join(scratch, 'restart'), join(scratch, 'log')];
    const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
    const end = `psql -c "select pg_terminate_backend(pid) ${others}" '${url}'`;
    writeFileSync(script, `#!/bin/sh\n${end} && echo done >> ${log}\n`, { mode: 0o755 });
    const again = JSON.parse(
      (await ran(`${line} --restart ${script}`, COMMANDS, { environment })).out,
    ) as LedgerBenched;
    expect(again).not.toHaveProperty('fill');
    expect(readFileSync(log, 'utf8').split('\n')).toHaveLength(again.questions.length + 1);
  });
}
