/** A service whose ledger begins behind its journal says so of everything it tells, until the ledger has caught up. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { keptDirectory } from '../support/directories.ts';
import { aConfig, aPayment, trainQuickModel, withService } from '../support/services.ts';

const PAYMENTS = 60;

it('calls no count and no evidence complete that lacks payments', { timeout: 120_000 }, async () => {
  const directory = keptDirectory();
  const modelsDir = join(directory, 'models');
  await trainQuickModel(modelsDir);
  await withService(aConfig(directory, modelsDir, { ledger: 'false' }), async (client) => {
    for (let index = 0; index < PAYMENTS; index++) {
      const payment = aPayment({ transaction_id: `t${index}`, user_id: 'often' });
      expect((await client.post('/api/v1/predict', payment)).status).toBe(200);
    }
  });

  await withService(aConfig(directory, modelsDir, { ledger: 'true' }), async (client) => {
    const seen: boolean[] = [];
    while (seen.at(-1) !== true) {
      const { body: decision } = await client.get(`/api/v1/decisions/t${PAYMENTS - 1}`);
      const { body: entity } = await client.get('/api/v1/entities/user/often');
      seen.push(entity['complete'] as boolean);
      if (entity['complete'] === true) expect(entity['transactions']).toBe(PAYMENTS);
      const evidence = decision['evidence'] as { entity: string; transactions: unknown[] }[];
      const found = evidence.filter((each) => each.entity === 'user').map((each) => each.transactions.length);
      if (decision['evidence_complete'] === true) expect(Math.max(...found)).toBe(PAYMENTS - 1);
      await sleep(100);
    }
    expect(seen[0]).toBe(false);
  });
});
