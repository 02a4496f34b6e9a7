import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { createFileTracking, runsFolder } from '../../../src/adapters/tracking-files/tracking.ts';
import { aDatabase, query } from '../../support/databases.ts';
import { keptDirectory } from '../../support/directories.ts';
import { FACTS } from '../../support/runs.ts';
import { serverAddresses } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { journalOf, openWorld } from '../../support/shared-worlds.ts';
import { anInstallation } from '../../support/stream-installations.ts';

const found = serverAddresses('kafka', 'redis', 'postgres');

if ('missing' in found) {
  it.skip(found.missing);
} else {
  const { kafka, redis, postgres } = found.address;

  describe('training runs where instances share', () => {
    const modelsDir = join(keptDirectory(), 'models');
    beforeAll(() => trainQuickModel(modelsDir));

    it('come on record once each, by the instance that leads, and are listed by the ledger', async () => {
      const databaseUrl = await aDatabase(postgres);
      const config = anInstallation(kafka, redis, modelsDir, {
        kafkaPartitions: '3',
        databaseUrl,
        ledger: 'true',
        ledgerCpuShare: '1',
      });
      const tracking = createFileTracking(runsFolder(modelsDir), systemClock);
      const train = async (end: 'finished' | 'going'): Promise<string> => {
        const run = await tracking.start(FACTS);
        if (end === 'finished') await run.finish({ status: 'finished' });
        return run.id;
      };
      const listed = async (): Promise<readonly string[]> =>
        (await query<{ run_id: string }>(databaseUrl, 'select run_id from runs order by created_at, run_id')).map(
          (row) => row.run_id,
        );

      const first = await train('finished');
      await train('going');
      const one = await openWorld(config);
      await expect.poll(listed, { timeout: 60_000 }).toEqual([first]);
      await one.close();

      const second = await train('finished');
      const two = await openWorld(config); // leads when the role of the first has run out
      await expect.poll(listed, { timeout: 60_000 }).toEqual([first, second]);
      const records = await journalOf(two);
      expect(records.flatMap((record) => (record.type === 'change' && record.subject === 'run' ? [record.version] : []))).toEqual([first, second]); // prettier-ignore
      await two.close();
    });
  });
}
