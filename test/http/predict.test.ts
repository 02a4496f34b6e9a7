/** One payment over HTTP: the answer, the repeat, the batch, the short form. */
import { describe, expect, it } from 'vitest';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';

describe('POST /api/v1/predict', () => {
  it('answers with exactly the documented fields', async () => {
    const world = anHttpWorld();
    const response = await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1', amount: 1_500.5 });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      transaction_id: 'p1',
      fraud_score: 0.9124,
      prediction: true,
      confidence: 'high',
      decision: 'block',
      risk_level: 'high',
      reasons: [
        { feature: 'amount', value: 1500.5, contribution: 1.5, text: 'the amount' },
        { feature: 'merchant_category', value: 'grocery', contribution: 0, text: 'the "category"' },
        { feature: 'user_txn_count_1h', value: null, contribution: -0.5, text: 'the count' },
      ],
      rules: [],
      model_version: 'v20260101_000000',
      policy_version: 'p1',
      inference_time_ms: 0.04,
      cached: false,
    });
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(Number(response.headers['x-process-time'])).toBeGreaterThan(0);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });

  it('repeats the first answer byte for byte, but for cached', async () => {
    const world = anHttpWorld();
    const body = { ...PAYMENT, transaction_id: 'p1' };
    const first = await post(world, '/api/v1/predict', body);
    const repeat = await post(world, '/api/v1/predict', { ...Object.fromEntries(Object.entries(body).reverse()) });
    expect(repeat.body).toBe(first.body.replace('"cached":false', '"cached":true'));
    expect(world.payments).toHaveLength(1);
  });

  it('answers 409 to the same id with other content, and records nothing', async () => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' });
    const response = await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1', amount: 26 });
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: 'ID_REUSED', field: 'transaction_id', status: 409 });
    expect(world.payments).toHaveLength(1);
  });

  it('takes the Idempotency-Key as the id of a payment that has none', async () => {
    const world = anHttpWorld();
    const headers = { 'idempotency-key': 'key-1' };
    await post(world, '/api/v1/predict', PAYMENT, headers);
    const repeat = await post(world, '/api/v1/predict', PAYMENT, headers);
    expect(repeat.json()).toMatchObject({ transaction_id: 'key-1', cached: true });
    const other = await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p2' }, headers);
    expect(other.json()).toMatchObject({ transaction_id: 'p2', cached: false });
  });

  it('counts two equal payments without an id as two', async () => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', PAYMENT);
    const second = await post(world, '/api/v1/predict', PAYMENT);
    expect(second.json()).toMatchObject({ cached: false });
    expect(world.payments).toHaveLength(2);
  });

  it('answers 422 to a currency without a rate', async () => {
    const response = await post(anHttpWorld(), '/api/v1/predict', { ...PAYMENT, currency: 'XXX' });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'UNKNOWN_CURRENCY', field: 'currency' });
  });

  it('reports the route, the status and the time of each answer', async () => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', PAYMENT);
    await post(world, '/api/v1/predict', {});
    expect(world.requests).toMatchObject([
      { route: '/api/v1/predict', status: 200 },
      { route: '/api/v1/predict', status: 422 },
    ]);
    expect(world.requests.every(({ durationUs }) => durationUs > 0)).toBe(true);
  });

  it('tells nobody but the log why something failed inside', async () => {
    const cause = new Error('disk 4111111111111111');
    const world = anHttpWorld({ scoreTransaction: async () => Promise.reject(cause) });
    const response = await post(world, '/api/v1/predict', PAYMENT);
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('disk');
    expect(world.logged).toMatchObject([{ code: 'INTERNAL', error: cause }]);
    expect(response.json().instance).toBe(`urn:sentinel:request:${String(world.logged[0]?.request)}`);
  });
});

describe('POST /api/v1/predict/batch', () => {
  it('answers each item by itself, in order', async () => {
    const world = anHttpWorld();
    const response = await post(world, '/api/v1/predict/batch', {
      transactions: [{ ...PAYMENT, amount: 2_000 }, { ...PAYMENT, amount: -1 }, PAYMENT],
    });
    expect(response.statusCode).toBe(200);
    const result = response.json();
    expect(result).toMatchObject({ total_processed: 2, total_fraud_detected: 1, avg_inference_time_ms: 0.04 });
    expect(result.predictions[0]).toMatchObject({ decision: 'block' });
    expect(result.predictions[1]).toMatchObject({
      index: 1,
      error: { code: 'INVALID_REQUEST', field: 'transactions[1].amount', status: 422 },
    });
    expect(result.predictions[2]).toMatchObject({ decision: 'approve' });
    expect(world.payments).toHaveLength(2);
  });

  it('says of what is refused only when it is decided in which item it stands', async () => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' });
    const response = await post(world, '/api/v1/predict/batch', {
      transactions: [PAYMENT, { ...PAYMENT, currency: 'XXX' }, { ...PAYMENT, transaction_id: 'p1', amount: 1 }],
    });
    expect(response.json().predictions.slice(1)).toMatchObject([
      { index: 1, error: { code: 'UNKNOWN_CURRENCY', field: 'transactions[1].currency' } },
      { index: 2, error: { code: 'ID_REUSED', field: 'transactions[2].transaction_id' } },
    ]);
  });

  it('names the header where it has named a payment that another one was', async () => {
    const world = anHttpWorld();
    const headers = { 'idempotency-key': 'b1' };
    await post(world, '/api/v1/predict/batch', { transactions: [PAYMENT] }, headers);
    const other = await post(world, '/api/v1/predict/batch', { transactions: [{ ...PAYMENT, amount: 1 }] }, headers);
    expect(other.json().predictions).toMatchObject([{ error: { code: 'ID_REUSED', field: 'Idempotency-Key' } }]);
    const alone = { 'idempotency-key': 'b1:0' };
    for (const [url, body] of [
      ['/api/v1/predict', { ...PAYMENT, amount: 1 }],
      ['/predict', { customer_id: 1, merchant_id: 2, amount: 3 }],
    ] as const) {
      expect((await post(world, url, body, alone)).json()).toMatchObject({
        code: 'ID_REUSED',
        field: 'Idempotency-Key',
      });
    }
  });

  it('names items by the Idempotency-Key and their place', async () => {
    const world = anHttpWorld();
    const body = { transactions: [PAYMENT, PAYMENT] };
    await post(world, '/api/v1/predict/batch', body, { 'idempotency-key': 'b1' });
    const repeat = await post(world, '/api/v1/predict/batch', body, { 'idempotency-key': 'b1' });
    expect(repeat.json().predictions).toMatchObject([
      { transaction_id: 'b1:0', cached: true },
      { transaction_id: 'b1:1', cached: true },
    ]);
    expect(world.payments).toHaveLength(2);
  });

  it.each([
    ['an empty batch', { transactions: [] }],
    ['more than 100 items', { transactions: Array.from({ length: 101 }, () => PAYMENT) }],
    ['another envelope', { payments: [PAYMENT] }],
    ['an extra member', { transactions: [PAYMENT], dry_run: true }],
    ['no envelope', [PAYMENT]],
    ['an object of items', { transactions: { 0: PAYMENT } }],
  ])('refuses %s', async (_what, body) => {
    const world = anHttpWorld();
    expect((await post(world, '/api/v1/predict/batch', body)).statusCode).toBe(422);
    expect(world.payments).toHaveLength(0);
  });
});

describe('POST /predict', () => {
  it('answers the short form with a verdict and words', async () => {
    const world = anHttpWorld();
    const response = await post(world, '/predict', {
      timestamp: '2026-01-15T11:00:00Z',
      customer_id: 596,
      merchant_id: '3156',
      amount: 5_716,
      lat: 40.5,
      long: -74,
    });
    expect(response.json()).toEqual({
      prediction: 'FRAUD',
      probability: 0.9124,
      explanation: 'block with high confidence: the amount; the "category"; the count',
      model_version: 'v20260101_000000',
    });
    expect(world.payments[0]?.transaction).toMatchObject({ userId: '596', merchantId: '3156', latitude: 40.5 });
  });

  it('names fields as the short form does', async () => {
    const response = await post(anHttpWorld(), '/predict', { merchant_id: 'm', amount: 1 });
    expect(response.json()).toMatchObject({ field: 'customer_id' });
    const extra = await post(anHttpWorld(), '/predict', { ...PAYMENT });
    expect(extra.statusCode).toBe(422);
  });
});
