import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { type Config } from '../../../src/config.ts';
import { ran } from '../../support/command-lines.ts';
import { aDatabase, query } from '../../support/databases.ts';
import { keptDirectory } from '../../support/directories.ts';
import { serverAddresses } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { openWorld, SILENT, type World } from '../../support/shared-worlds.ts';
import { anInstallation } from '../../support/stream-installations.ts';
import { aTransaction } from '../../support/transactions.ts';

const found = serverAddresses('kafka', 'redis', 'postgres');

if ('missing' in found) {
  it.skip(found.missing);
} else {
  const { kafka, redis, postgres } = found.address;

  describe('a ledger on a server, and an instance told another topic prefix', () => {
    const modelsDir = join(keptDirectory(), 'models');
    beforeAll(() => trainQuickModel(modelsDir));

    const pay = async ({ scoring }: World, ids: readonly string[]): Promise<void> => {
      for (const transactionId of ids) {
        const { eventTimeMs: _, ...transaction } = aTransaction({ transactionId });
        await scoring.score({ transaction, requestHash: 'a'.repeat(32) });
      }
    };

    it('keeps its rows, and takes those of the other journal once told to', async () => {
      const databaseUrl = await aDatabase(postgres);
      const install = (): Config =>
        anInstallation(kafka, redis, modelsDir, {
          kafkaPartitions: '3',
          databaseUrl,
          ledger: 'true',
          ledgerCpuShare: '1',
        });
      const rows = async (): Promise<readonly string[]> =>
        (await query<{ transaction_id: string }>(databaseUrl, 'select transaction_id from transactions order by 1')).map((row) => row.transaction_id); // prettier-ignore

      const right = await openWorld(install());
      await pay(right, ['a', 'b', 'c', 'd']);
      await expect.poll(rows, { timeout: 60_000 }).toEqual(['a', 'b', 'c', 'd']);

      const config = install();
      const warnings: unknown[] = [];
      const wrong = await openWorld(config, { ...SILENT, warn: ({ error }) => void warnings.push(error) });
      await pay(wrong, ['x']);
      const refusal = expect.objectContaining({ code: 'LEDGER_OF_ANOTHER_JOURNAL', message: expect.stringContaining(`${config.kafkaTopicPrefix}journal`) as string }) as object; // prettier-ignore
      await expect.poll(() => warnings, { timeout: 60_000 }).toContainEqual(refusal);
      const servers = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafka, REDIS_URL: redis };
      const checks = (): Promise<{ out: string }> =>
        ran(`doctor --data-dir ${config.dataDir} --models-dir ${modelsDir}`, COMMANDS, {
          environment: {
            ...servers,
            KAFKA_TOPIC_PREFIX: config.kafkaTopicPrefix,
            SENTINEL_REDIS_NAME: config.redisName,
          },
        });
      await expect
        .poll(async () => (await checks()).out, { timeout: 60_000 })
        .toMatch(/redis.*it takes nothing: .*was not projected from the journal/s);
      await pay(right, ['e']);
      await expect.poll(rows, { timeout: 60_000 }).toEqual(['a', 'b', 'c', 'd', 'e']);
      await Promise.all([right.close(), wrong.close()]);

      const environment = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafka, KAFKA_TOPIC_PREFIX: config.kafkaTopicPrefix, SENTINEL_KAFKA_PARTITIONS: '3' }; // prettier-ignore
      const line = `ledger rebuild --data-dir ${config.dataDir} --models-dir ${modelsDir}`;
      expect(await ran(line, COMMANDS, { environment })).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') as string }); // prettier-ignore
      expect(await rows()).toHaveLength(5);
      expect(await ran(`${line} --yes`, COMMANDS, { environment })).toMatchObject({ exitCode: 0 });
      expect(await rows()).toEqual(['x']);
    });
  });
}
