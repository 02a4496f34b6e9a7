/** Labels over HTTP: one, many, wrong ones. */
import { describe, expect, it } from 'vitest';
import { SentinelError } from '../../src/domain/errors.ts';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';
import { NOON_MS } from '../support/transactions.ts';

const LABEL = { transaction_id: 'p1', is_fraud: true, source: 'chargeback' };

describe('POST /api/v1/labels', () => {
  it('records one and says which label is in force', async () => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' });
    const response = await post(world, '/api/v1/labels', { ...LABEL, campaign: 'stolen_card' });
    expect(response.json()).toEqual({
      transaction_id: 'p1',
      status: 'recorded',
      in_force: {
        is_fraud: true,
        source: 'chargeback',
        arrived_at: '2026-01-15T12:00:00.000Z',
        campaign: 'stolen_card',
      },
    });
    expect(world.labels).toEqual([
      { transactionId: 'p1', isFraud: true, source: 'chargeback', campaign: 'stolen_card' },
    ]);
  });

  it('keeps one for a payment not seen yet', async () => {
    expect((await post(anHttpWorld(), '/api/v1/labels', LABEL)).json()).toMatchObject({ status: 'waiting' });
  });

  it.each([
    ['a long key', 'k'.repeat(100)],
    ['a key full of card numbers', `${Array.from({ length: 7 }, () => '600000000007').join('.')}.${'k'.repeat(9)}`],
  ])('takes the id of any item of a batch, also under %s', async (_what, key) => {
    const world = anHttpWorld();
    const transactions = Array.from({ length: 100 }, () => PAYMENT);
    await post(world, '/api/v1/predict/batch', { transactions }, { 'idempotency-key': key });
    const id = world.payments.at(-1)!.transaction.transactionId!;
    expect(id).toMatch(/:99$/);
    const response = await post(world, '/api/v1/labels', { ...LABEL, transaction_id: id });
    expect(response.json()).toMatchObject({ transaction_id: id, status: 'recorded' });
    expect((await world.server.inject(`/api/v1/decisions/${id}`)).statusCode).toBe(200);
    const longer = await post(world, '/api/v1/labels', { ...LABEL, transaction_id: 'x'.repeat(286) });
    expect(longer.json()).toMatchObject({ status: 422, field: 'transaction_id' });
  });

  it('takes many, each by itself', async () => {
    const world = anHttpWorld();
    const labels = [LABEL, { ...LABEL, is_fraud: 'yes' }, { ...LABEL, transaction_id: 'p2' }];
    const result = (await post(world, '/api/v1/labels', { labels })).json();
    expect(result).toMatchObject({ recorded: 0, waiting: 2, failed: 1 });
    expect(result.results[1]).toMatchObject({ index: 1, error: { field: 'labels[1].is_fraud' } });
    expect(world.labels).toHaveLength(2);
  });

  it('records those of one payment in their order, whatever each waits for, also behind one that fails', async () => {
    const recorded: string[] = [];
    const world = anHttpWorld({
      recordLabel: async (request) => {
        const turn = Number(request.campaign);
        await new Promise((resolve) => setTimeout(resolve, 20 - 5 * turn)); // the later, the sooner it is looked up
        if (turn === 0) throw new SentinelError('JOURNAL_UNAVAILABLE');
        recorded.push(`${request.transactionId} ${turn}`);
        return {
          transactionId: request.transactionId,
          status: 'recorded',
          inForce: { ...request, arrivalMs: NOON_MS },
        };
      },
    });
    const labels = ['0', '1', '2', '3'].map((campaign) => ({ ...LABEL, campaign }));
    const other = { ...LABEL, transaction_id: 'p2', campaign: '3' };
    const result = (await post(world, '/api/v1/labels', { labels: [...labels, other] })).json();
    expect(recorded).toEqual(['p2 3', 'p1 1', 'p1 2', 'p1 3']);
    expect(result).toMatchObject({ recorded: 4, failed: 1, results: [{ index: 0 }, {}, {}, {}, {}] });
  });

  it('answers 503 when none of many could be recorded, as one alone is answered', async () => {
    const world = anHttpWorld({ recordLabel: () => Promise.reject(new SentinelError('JOURNAL_UNAVAILABLE')) });
    const response = await post(world, '/api/v1/labels', { labels: [LABEL, { ...LABEL, transaction_id: 'p2' }] });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    expect(response.headers['retry-after']).toBe('1');
    const mixed = await post(world, '/api/v1/labels', { labels: [LABEL, { ...LABEL, source: 'rumour' }] });
    expect(mixed.json()).toMatchObject({
      failed: 2,
      results: [{ error: { status: 503 } }, { error: { status: 422 } }],
    });
  });

  it.each([
    ['no id', { ...LABEL, transaction_id: undefined }, 'transaction_id'],
    ['a number for a verdict', { ...LABEL, is_fraud: 1 }, 'is_fraud'],
    ['a source nobody has', { ...LABEL, source: 'rumour' }, 'source'],
    ['no source', { ...LABEL, source: undefined }, 'source'],
    ['a long campaign', { ...LABEL, campaign: 'x'.repeat(101) }, 'campaign'],
    ['an unknown field', { ...LABEL, why: 'x' }, 'why'],
    ['an array', [LABEL], 'body'],
    ['no labels', { labels: [] }, 'labels'],
    ['too many labels', { labels: Array.from({ length: 1_001 }, () => 0) }, 'labels'],
    ['labels beside others', { labels: [LABEL], source: 'analyst' }, 'body'],
  ])('refuses %s', async (_what, body, field) => {
    const world = anHttpWorld();
    expect((await post(world, '/api/v1/labels', body)).json()).toMatchObject({ status: 422, field });
    expect(world.labels).toHaveLength(0);
  });
});
