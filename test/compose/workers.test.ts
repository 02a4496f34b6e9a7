/** A process that shares the port and dies is started again, and what keeps it from starting is told. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lockHolder } from '../../src/adapters/system/lock.ts';
import { startWorkers } from '../../src/compose/workers/start-workers.ts';
import { keptDirectory } from '../support/directories.ts';
import { aConfig, trainQuickModel } from '../support/services.ts';

const directory = keptDirectory();
const modelsDir = join(directory, 'models');
beforeAll(() => trainQuickModel(modelsDir));

type Told = Readonly<Record<string, unknown>>;

describe('a worker that died', () => {
  // One alone needs no servers: it keeps a journal of its own.
  it('and cannot start again tells why', async () => {
    const config = aConfig(directory, modelsDir, { logLevel: 'silent' });
    const told: Told[] = [];
    const log = { error: (fields: Told) => void told.push(fields), warn: () => undefined, info: () => undefined };
    const service = await startWorkers(config, log);
    try {
      renameSync(modelsDir, `${modelsDir}-away`);
      process.kill(lockHolder(join(config.dataDir, 'journal'))!, 'SIGKILL');
      await expect.poll(() => told.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
      expect(told[0]).toMatchObject({ worker: 1, how: 'SIGKILL' });
      expect(told[0]).not.toHaveProperty('error');
      expect(told[1]).toMatchObject({ worker: 1, error: { code: 'NO_MODEL' } });
    } finally {
      await service.close();
    }
  });
});
