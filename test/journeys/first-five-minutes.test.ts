/** The stranger's five minutes: score, retry, stop, start, ask again. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { ran } from '../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { aConfig, aPayment, trainQuickModel, withService } from '../support/services.ts';

const modelsDir = join(keptDirectory(), 'models');
beforeAll(() => trainQuickModel(modelsDir), 60_000);

/** Without what differs between a first answer and a repeat. */
const lasting = ({ cached: _, ...rest }: Readonly<Record<string, unknown>>): unknown => rest;

describe('the first five minutes', () => {
  it('end with the same answer, whenever and however it is asked for', async () => {
    const config = aConfig(aDirectory(), modelsDir);
    const payment = aPayment({ transaction_id: 'first', amount: 1_234.56, merchant_category: 'travel' });
    const answer = await withService(config, async (client) => {
      const first = await client.post('/api/v1/predict', payment);
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ transaction_id: 'first', cached: false });
      const retry = await client.post('/api/v1/predict', payment);
      expect(retry.body).toMatchObject({ cached: true });
      expect(lasting(retry.body)).toEqual(lasting(first.body));
      expect((await client.get('/api/v1/decisions/first')).body).toMatchObject({ evidence_complete: true });
      return first.body;
    });
    await withService(config, async (client) => {
      const asked = await client.get('/api/v1/decisions/first');
      expect(asked.status).toBe(200);
      expect(asked.body).toMatchObject(lasting(answer) as object);
      // What the ledger would tell is missing, and is said to be; the decision and the profile are there.
      expect(asked.body).toMatchObject({ evidence_complete: false, evidence: [], labels: [] });
      const user = await client.get('/api/v1/entities/user/user_1');
      expect(user.body).toMatchObject({ complete: false, transactions: null, profile: { transactions: 1 } });
      expect((await client.get('/api/v1/entities/user/nobody')).status).toBe(503);
      const retry = await client.post('/api/v1/predict', payment);
      expect(retry.body).toEqual({ ...answer, cached: true });
    });
    const { out, exitCode } = await ran(
      `verify --data-dir ${config.dataDir} --models-dir ${modelsDir} --json`,
      COMMANDS,
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ decisions: 1, problems: 0 });
  });

  it('go on where they stopped: profiles survive the restart', async () => {
    const config = aConfig(aDirectory(), modelsDir);
    const valuesOf = (body: Readonly<Record<string, unknown>>): Map<string, unknown> =>
      new Map((body.contributions as { feature: string; value: unknown }[]).map((each) => [each.feature, each.value]));
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      await withService(config, async (client) => {
        await client.post('/api/v1/predict', aPayment({ transaction_id: id }));
        const values = valuesOf((await client.get(`/api/v1/decisions/${id}`)).body);
        expect(values.get('user_txn_count_24h')).toBe(index);
        expect(values.get('is_new_merchant')).toBe(index === 0 ? 1 : 0);
      });
    }
  });

  it('hold 1,000 predictions one after the other, each answered within 200 ms', async () => {
    await withService(aConfig(aDirectory(), modelsDir), async (client) => {
      let slowestMs = 0;
      for (let index = 0; index < 1_000; index++) {
        const startedMs = performance.now();
        const payment = aPayment({ user_id: `user_${index % 50}`, amount: 5 + (index % 200) });
        const { status } = await client.post('/api/v1/predict', payment);
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
        expect(status).toBe(200);
      }
      expect(slowestMs).toBeLessThan(200);
    });
  });
});
