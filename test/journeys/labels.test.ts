/** A label's way: told late or early, bound to its payment, felt by the payments after it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service } from '../../src/compose/service.ts';
import { keptDirectory } from '../support/directories.ts';
import { aClient, aConfig, aPayment, type Client, startQuiet, trainQuickModel } from '../support/services.ts';

const directory = keptDirectory();
let service: Service;
let client: Client;

beforeAll(async () => {
  await trainQuickModel(join(directory, 'models'));
  service = await startQuiet(aConfig(directory, join(directory, 'models')));
  client = aClient(service.url);
}, 60_000);
afterAll(() => service.close());

interface Explained {
  readonly labels: readonly { is_fraud: boolean; source: string; in_force: boolean }[];
  readonly contributions: readonly { feature: string; value: number | null }[];
}

const explained = async (id: string): Promise<Explained> =>
  (await client.get(`/api/v1/decisions/${id}`)).body as unknown as Explained;

/** Pays at a merchant and returns what the merchant's features were then. */
async function merchantFrauds(id: string, merchant: string): Promise<number> {
  await client.post('/api/v1/predict', aPayment({ transaction_id: id, merchant_id: merchant, user_id: `u-${id}` }));
  const { contributions } = await explained(id);
  return contributions.find(({ feature }) => feature === 'merchant_fraud_count_30d')?.value ?? NaN;
}

describe('a label', () => {
  it('raises the risk of the merchant from its arrival on, and a correction takes it back', async () => {
    expect(await merchantFrauds('m1', 'shop')).toBe(0);
    expect(await merchantFrauds('m2', 'shop')).toBe(0);
    const told = await client.post('/api/v1/labels', { transaction_id: 'm1', is_fraud: true, source: 'customer' });
    expect(told.body).toMatchObject({ status: 'recorded', in_force: { is_fraud: true } });
    expect(await merchantFrauds('m3', 'shop')).toBe(1);
    await client.post('/api/v1/labels', { transaction_id: 'm1', is_fraud: false, source: 'analyst' });
    expect(await merchantFrauds('m4', 'shop')).toBe(0);
    const weaker = await client.post('/api/v1/labels', { transaction_id: 'm1', is_fraud: true, source: 'customer' });
    expect(weaker.body).toMatchObject({ in_force: { is_fraud: false, source: 'analyst' } });
    expect((await explained('m1')).labels).toMatchObject([
      { is_fraud: true, in_force: false },
      { is_fraud: false, in_force: true },
      { is_fraud: true, in_force: false },
    ]);
  });

  it('waits for its payment when it comes first', async () => {
    const early = await client.post('/api/v1/labels', { transaction_id: 'w1', is_fraud: true, source: 'chargeback' });
    expect(early.body).toMatchObject({ status: 'waiting' });
    expect(await merchantFrauds('w1', 'kiosk')).toBe(0);
    expect(await merchantFrauds('w2', 'kiosk')).toBe(1);
    expect((await explained('w1')).labels.some(({ is_fraud: isFraud }) => isFraud)).toBe(true);
  });
});
