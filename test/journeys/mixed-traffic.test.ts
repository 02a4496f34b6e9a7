/** Payments by every route at once, and everything that is refused, against one real service. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type Service } from '../../src/compose/service.ts';
import { ran } from '../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import {
  aClient,
  aConfig,
  aPayment,
  type Client,
  startQuiet,
  trainQuickModel,
  withService,
} from '../support/services.ts';

const directory = keptDirectory();
const modelsDir = join(directory, 'models');
let service: Service;
let client: Client;

beforeAll(async () => {
  await trainQuickModel(modelsDir);
  service = await startQuiet(aConfig(directory, modelsDir));
  client = aClient(service.url);
}, 60_000);
afterAll(() => service.close());

const countOf = async (id: string): Promise<unknown> => {
  const { contributions } = (await client.get(`/api/v1/decisions/${id}`)).body;
  return (contributions as { feature: string; value: unknown }[]).find(({ feature }) => feature === 'user_txn_count_1h')
    ?.value;
};

describe('payments by every route', () => {
  it('are one history in the order they came', async () => {
    const of = (id: string): Record<string, unknown> => aPayment({ transaction_id: id, user_id: 'mixed' });
    const batch = await client.post('/api/v1/predict/batch', { transactions: [of('b0'), of('b1'), of('b2')] });
    expect(batch.body).toMatchObject({ total_processed: 3 });
    const stream = await fetch(`${service.url}/api/v1/predict/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: [of('s0'), of('b1'), of('s1')].map((each) => `${JSON.stringify(each)}\n`).join(''),
    });
    const lines = (await stream.text()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { cached: boolean }).cached)).toEqual([false, true, false]);
    await client.post('/api/v1/predict', of('p0'));
    expect(await Promise.all(['b0', 'b1', 'b2', 's0', 's1', 'p0'].map(countOf))).toEqual([0, 1, 2, 3, 4, 5]);
    const listed = await client.get('/api/v1/decisions?user_id=mixed');
    expect((listed.body.decisions as { transaction_id: string }[]).map((row) => row.transaction_id)).toEqual(
      ['b0', 'b1', 'b2', 's0', 's1', 'p0'].reverse(),
    );
  });

  it('count once when the same one comes twenty times at once', async () => {
    const payment = aPayment({ transaction_id: 'same', user_id: 'eager' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.post('/api/v1/predict', payment)));
    expect(answers.filter(({ body }) => body.cached === false)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, cached: true }))).size).toBe(1);
    await client.post('/api/v1/predict', aPayment({ transaction_id: 'after', user_id: 'eager' }));
    expect(await countOf('after')).toBe(1);
  });
});

describe('what cannot be answered', () => {
  it.each([
    ['an id that was used with other content', { transaction_id: 'b0', user_id: 'other' }, 409, 'ID_REUSED'],
    ['a currency without a rate', { currency: 'XTS' }, 422, 'UNKNOWN_CURRENCY'],
    ['a time far ahead', { timestamp: '2099-01-01T00:00:00Z' }, 422, 'TIMESTAMP_IN_FUTURE'],
    ['an amount of nothing', { amount: 0 }, 422, 'INVALID_REQUEST'],
    ['a field nobody knows', { colour: 'red' }, 422, 'INVALID_REQUEST'],
  ])('%s is refused with its reason and leaves no record', async (_, fields, status, code) => {
    const before = await headSeq();
    expect(before).toBeGreaterThan(8);
    const answer = await client.post('/api/v1/predict', aPayment(fields));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, status });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await headSeq()).toBe(before);
  });

  it('waits outside when too much is in flight, and everyone let in is answered', async () => {
    await withService(aConfig(aDirectory(), modelsDir, { inFlightLimit: '2' }), async (narrow) => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) => narrow.post('/api/v1/predict', aPayment({ user_id: `u${index}` }))),
      );
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(40);
      for (const { status, headers } of refused) {
        expect(status).toBe(503);
        expect(headers.get('retry-after')).toMatch(/^\d+$/);
      }
      expect((await narrow.post('/api/v1/predict', aPayment())).status).toBe(200);
    });
  });

  it('has left nothing that verify would not make again', async () => {
    const line = `verify --data-dir ${join(directory, 'data')} --models-dir ${modelsDir} --json`;
    const { out, exitCode } = await ran(line, COMMANDS);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ problems: 0, decisions: 8 });
  });
});

const headSeq = async (): Promise<unknown> => (await client.get('/api/v1/monitoring/metrics')).body.journal_head_seq;
