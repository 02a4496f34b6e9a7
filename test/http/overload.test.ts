/** More than can be taken: refused at once, with the time to come back. */
import { describe, expect, it } from 'vitest';
import { createKey, createKeyRing } from '../../src/access/keys.ts';
import { createRateLimiter } from '../../src/http/rate-limiter.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';

describe('payments in flight', () => {
  it('are bounded: more are refused with 503 and Retry-After, and room comes back', async () => {
    const release: (() => void)[] = [];
    const world = anHttpWorld({
      limits: { maxInFlight: 2 },
      scoreTransaction: async () => {
        await new Promise<void>((resolve) => release.push(resolve));
        return { decision: aDecisionRecord(), cached: false };
      },
    });
    const first = post(world, '/api/v1/predict', PAYMENT);
    const second = post(world, '/predict', { customer_id: 1, merchant_id: 1, amount: 1 });
    while (release.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const refused = await post(world, '/api/v1/predict', PAYMENT);
    expect(refused.json()).toMatchObject({ code: 'OVERLOADED', status: 503 });
    expect(refused.headers['retry-after']).toBe('1');
    const batch = await post(world, '/api/v1/predict/batch', { transactions: [PAYMENT] });
    expect(batch.statusCode).toBe(503);
    for (const free of release.splice(0)) free();
    expect([(await first).statusCode, (await second).statusCode]).toEqual([200, 200]);
    const later = post(world, '/api/v1/predict', PAYMENT);
    while (release.length < 1) await new Promise((resolve) => setImmediate(resolve));
    release[0]!();
    expect((await later).statusCode).toBe(200);
  });
});

describe('without room', () => {
  /** A world of which one of five places is taken until `free` is called. */
  async function aBusyWorld() {
    const release: (() => void)[] = [];
    const world = anHttpWorld({
      limits: { maxInFlight: 5 },
      scoreTransaction: async () => {
        await new Promise<void>((resolve) => release.push(resolve));
        return { decision: aDecisionRecord(), cached: false };
      },
    });
    const taken = post(world, '/api/v1/predict/batch', { transactions: [PAYMENT] });
    while (release.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const free = () => release.splice(0).forEach((go) => go());
    return { world, release, free, taken };
  }

  it('a batch is refused before it is read', async () => {
    const { world, free, taken } = await aBusyWorld();
    const batchOf = (count: number) =>
      JSON.stringify({ transactions: Array.from({ length: count }, () => PAYMENT) }).slice(0, -1);
    const refused = await post(world, '/api/v1/predict/batch', batchOf(5));
    expect(refused.json()).toMatchObject({ code: 'OVERLOADED', status: 503 });
    expect((await post(world, '/api/v1/predict/batch', batchOf(4))).json()).toMatchObject({ code: 'INVALID_JSON' });
    free();
    await taken;
  });

  it('a payment is refused before it is read', async () => {
    const { world, release, free, taken } = await aBusyWorld();
    const others = post(world, '/api/v1/predict/batch', { transactions: [PAYMENT, PAYMENT, PAYMENT, PAYMENT] });
    while (release.length < 5) await new Promise((resolve) => setImmediate(resolve));
    for (const url of ['/api/v1/predict', '/predict']) {
      expect((await post(world, url, '{')).json()).toMatchObject({ code: 'OVERLOADED' });
    }
    free();
    await Promise.all([taken, others]);
    expect((await post(world, '/api/v1/predict', '{')).json()).toMatchObject({ code: 'INVALID_JSON' });
  });
});

describe('labels in flight', () => {
  it('count as payments do, each of a batch, and give their room back also when they fail', async () => {
    const release: (() => void)[] = [];
    const world = anHttpWorld({
      limits: { maxInFlight: 2 },
      recordLabel: async (request) => {
        await new Promise<void>((resolve) => release.push(resolve));
        return { transactionId: request.transactionId, status: 'waiting', inForce: { ...request, arrivalMs: 1 } };
      },
    });
    const label = { transaction_id: 'p1', is_fraud: true, source: 'analyst' };
    const both = post(world, '/api/v1/labels', { labels: [label, { ...label, transaction_id: 'p2' }] });
    while (release.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const [url, body] of [
      ['/api/v1/labels', label],
      ['/api/v1/predict', PAYMENT],
    ] as const) {
      expect((await post(world, url, body)).json()).toMatchObject({ code: 'OVERLOADED', status: 503 });
    }
    for (const free of release.splice(0)) free();
    expect((await both).statusCode).toBe(200);
    for (let i = 0; i < 3; i++) {
      expect((await post(world, '/api/v1/labels', { ...label, source: 'rumour' })).statusCode).toBe(422);
    }
    expect((await post(world, '/api/v1/predict', PAYMENT)).statusCode).toBe(200);
  });
});

describe('the rate limit', () => {
  it('is kept for each key by itself, items of a batch counted', async () => {
    const [a, b] = [createKey('a', 'scorer'), createKey('b', 'scorer')];
    const world = anHttpWorld({
      keys: createKeyRing([a.entry, b.entry]),
      limits: { requestsPerSecond: 10 },
      clock: { nowMs: () => 0, monotonicUs: () => 0 },
    });
    const batch = { transactions: Array.from({ length: 10 }, () => PAYMENT) };
    expect((await post(world, '/api/v1/predict/batch', batch, { 'x-api-key': a.key })).statusCode).toBe(200);
    const refused = await post(world, '/api/v1/predict', PAYMENT, { 'x-api-key': a.key });
    expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await post(world, '/api/v1/predict', PAYMENT, { 'x-api-key': b.key })).statusCode).toBe(200);
  });

  it('tells a key that overdrew it by a batch when it may call again', async () => {
    let nowUs = 0;
    const world = anHttpWorld({
      limits: { requestsPerSecond: 10 },
      clock: { nowMs: () => 0, monotonicUs: () => nowUs },
    });
    const batch = { transactions: Array.from({ length: 100 }, () => PAYMENT) };
    expect((await post(world, '/api/v1/predict/batch', batch)).statusCode).toBe(200);
    const refused = await post(world, '/api/v1/predict', PAYMENT);
    expect(refused.headers['retry-after']).toBe('10');
    nowUs += 10_000_000;
    expect((await post(world, '/api/v1/predict', PAYMENT)).statusCode).toBe(200);
  });

  it('lets the stated number through each second, and no more than one second’s worth at once', () => {
    let nowUs = 0;
    const limiter = createRateLimiter(5, () => nowUs);
    let taken = 0;
    for (let step = 0; step <= 100; step++) {
      nowUs = step * 100_000;
      while (limiter.take('k', 1)) taken++;
    }
    expect(taken).toBe(5 + 50);
    nowUs += 60_000_000;
    let burst = 0;
    while (limiter.take('k', 1)) burst++;
    expect(burst).toBe(5);
  });
});
