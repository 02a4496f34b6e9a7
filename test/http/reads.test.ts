/** What is read back: decisions, pages of them, entities, figures. */
import { describe, expect, it } from 'vitest';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { NOON_MS } from '../support/transactions.ts';

async function aWorldWith(count: number) {
  const world = anHttpWorld();
  for (let id = 1; id <= count; id++) await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: `p${id}` });
  const get = async (url: string) => world.server.inject({ url });
  return { world, get };
}

describe('an id of the longest kind', () => {
  const LONGEST = '😀'.repeat(100);

  it('is taken, found again and labelled, its characters counted as the published schema counts them', async () => {
    const { world, get } = await aWorldWith(0);
    const payment = { ...PAYMENT, transaction_id: LONGEST, user_id: LONGEST };
    expect((await post(world, '/api/v1/predict', payment)).statusCode).toBe(200);
    expect((await get(`/api/v1/decisions/${encodeURIComponent(LONGEST)}`)).statusCode).toBe(200);
    const label = { transaction_id: LONGEST, is_fraud: true, source: 'analyst' };
    expect((await post(world, '/api/v1/labels', label)).statusCode).toBe(200);
  });

  it('is refused with one character more', async () => {
    const { world } = await aWorldWith(0);
    const response = await post(world, '/api/v1/predict', { ...PAYMENT, user_id: `${LONGEST}x` });
    expect(response.json()).toMatchObject({ detail: 'user_id: expected 1 to 100 characters, got 101' });
  });
});

describe('GET /api/v1/decisions/{id}', () => {
  it('gives the answer again, with the payment, every contribution, the evidence and the labels', async () => {
    const { world, get } = await aWorldWith(1);
    const answer = (await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' })).json();
    const decision = (await get('/api/v1/decisions/p1')).json();
    expect(decision).toMatchObject({ ...answer, cached: false });
    expect(decision.transaction).toMatchObject({ ...PAYMENT, transaction_id: 'p1', currency: 'USD' });
    expect(decision.contributions).toEqual([
      { feature: 'amount', value: 25, contribution: 0.5 },
      { feature: 'merchant_category', value: 'grocery', contribution: 0.5 },
      { feature: 'user_txn_count_1h', value: null, contribution: 0.5 },
    ]);
    expect(decision.evidence[0]).toMatchObject({ entity: 'user', id: 'user_1', window_hours: 1, truncated: false });
    expect(decision.evidence[0].transactions[0].transaction_id).toBe('p1');
    expect(decision.labels).toMatchObject([{ is_fraud: true, source: 'analyst', in_force: true }]);
    expect(decision).toMatchObject({
      amount_base: 25,
      base_currency: 'USD',
      seq: 1,
      late: false,
      fallback_cause: null,
    });
  });

  it('answers 404 to an id never answered', async () => {
    const { get } = await aWorldWith(0);
    const response = await get('/api/v1/decisions/none');
    expect(response.json()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('takes ids with any character', async () => {
    const { world, get } = await aWorldWith(0);
    const id = 'a/b?c d%é';
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: id });
    expect((await get(`/api/v1/decisions/${encodeURIComponent(id)}`)).json()).toMatchObject({ transaction_id: id });
  });
});

describe('GET /api/v1/decisions', () => {
  it('pages from the newest to the oldest by the cursor', async () => {
    const { get } = await aWorldWith(5);
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages++) {
      expect(pages).toBeLessThan(4);
      const page: { decisions: { transaction_id: string }[]; next_cursor: string | null } = (
        await get(`/api/v1/decisions?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).json();
      seen.push(...page.decisions.map((row) => row.transaction_id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(['p5', 'p4', 'p3', 'p2', 'p1']);
  });

  it('asks the ledger for what the parameters say', async () => {
    const { world, get } = await aWorldWith(0);
    await get(
      '/api/v1/decisions?outcome=block&merchant_id=m1&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00&min_score=0.5&is_fraud=false&cursor=9&limit=500',
    );
    await get('/api/v1/decisions?card_id=4111111111111111');
    expect(world.queries[0]).toEqual({
      outcome: 'block',
      entity: { kind: 'merchant', id: 'm1' },
      fromMs: Date.UTC(2026, 0, 1),
      toMs: Date.UTC(2026, 0, 1, 23),
      minScore: 0.5,
      isFraud: false,
      beforeSeq: 9,
      limit: 500,
    });
    expect(world.queries[1]?.limit).toBe(50);
    expect(world.queries[1]?.entity?.id).toMatch(/^pan_1_/);
  });

  it.each([
    ['outcome=deny', 'outcome'],
    ['user_id=a&card_id=b', 'card_id'],
    ['from=yesterday', 'from'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['min_score=2', 'min_score'],
    ['min_score=NaN', 'min_score'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=-1', 'cursor'],
    ['is_fraud=yes', 'is_fraud'],
    ['user=1', 'user'],
    ['__proto__=1', '__proto__'],
  ])('refuses %s', async (query, field) => {
    const { get } = await aWorldWith(0);
    expect((await get(`/api/v1/decisions?${query}`)).json()).toMatchObject({ status: 422, field });
  });
});

describe('GET /api/v1/entities', () => {
  it('gives the figures, the running profile and the last payments', async () => {
    const { get } = await aWorldWith(2);
    expect((await get('/api/v1/entities/user/user_1')).json()).toMatchObject({
      kind: 'user',
      id: 'user_1',
      transactions: 2,
      amount_base: 50,
      profile: {
        first_seen: '2026-01-15T11:00:00.000Z',
        last_seen: '2026-01-15T11:00:00.000Z',
        transactions: 1,
        windows: { '24h': { transactions: 1, amount_base: 25 } },
        labels: { '30d': { known: 0, frauds: 0, risk: 0.005 } },
        fraud_run: 0,
        last_fraud: null,
      },
      recent: [{ transaction_id: 'p2' }, { transaction_id: 'p1' }],
    });
  });

  it('answers 404 to an entity no payment named and 422 to a kind there is not', async () => {
    const { get } = await aWorldWith(0);
    expect((await get('/api/v1/entities/user/nobody')).json()).toMatchObject({ status: 404 });
    expect((await get('/api/v1/entities/planet/mars')).json()).toMatchObject({ status: 422, field: 'kind' });
  });
});

describe('the figures', () => {
  it('cover the last 24 hours unless asked otherwise', async () => {
    const { get } = await aWorldWith(1);
    expect((await get('/api/v1/stats')).json()).toMatchObject({
      from: new Date(NOON_MS - 86_400_000).toISOString(),
      to: new Date(NOON_MS).toISOString(),
      decisions: 1,
      latency_ms: { p50: 0.4, p95: 0.9, p99: 1.2 },
      ledger_lag_records: 7,
    });
    const backwards = await get('/api/v1/stats?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z');
    expect(backwards.json()).toMatchObject({ status: 422, field: 'from' });
  });

  it('give the model in service, or say that there is none', async () => {
    const { get } = await aWorldWith(0);
    expect((await get('/api/v1/model/info')).json()).toMatchObject({
      feature_count: 3,
      stage: 'production',
      thresholds: { review: 0.3, block: 0.8 },
    });
    const without = anHttpWorld({ modelInfo: async () => undefined });
    expect((await without.server.inject({ url: '/api/v1/model/info' })).json()).toMatchObject({ code: 'NOT_READY' });
  });

  it.each([
    '/api/v1/decisions/p1',
    '/api/v1/entities/user/user_1',
    '/api/v1/model/info',
    '/api/v1/models',
    '/api/v1/monitoring/metrics',
    '/api/v1/config',
  ])('refuse a parameter that would change nothing: %s', async (url) => {
    const { get } = await aWorldWith(1);
    expect((await get(`${url}?from=2026-01-01T00:00:00Z`)).json()).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'from',
      detail: 'from: this parameter is not known; none is taken here',
    });
  });

  it.each(['/api/v1/predict', '/api/v1/predict/batch', '/api/v1/predict/stream', '/predict', '/api/v1/labels'])(
    'refuse it also where something is sent, and do nothing: POST %s',
    async (url) => {
      const { world } = await aWorldWith(0);
      const headers = { 'content-type': url.endsWith('/stream') ? 'application/x-ndjson' : 'application/json' };
      const payload = JSON.stringify({ ...PAYMENT, transaction_id: 'p1' });
      const response = await world.server.inject({ method: 'POST', url: `${url}?dry_run=true`, headers, payload });
      expect(response.json()).toMatchObject({ code: 'INVALID_REQUEST', field: 'dry_run', status: 422 });
      expect((await world.server.inject({ url: '/api/v1/decisions' })).json().decisions).toEqual([]);
    },
  );

  it.each(['/health', '/livez', '/readyz', '/metrics'])('let a monitor add what it likes: %s', async (url) => {
    const { get } = await aWorldWith(0);
    expect((await get(`${url}?at=1`)).statusCode).toBe(200);
  });

  it('give the newest decisions by themselves also when the clock was set back since', async () => {
    const asked: [number, number][] = [];
    const world = anHttpWorld({
      clock: { nowMs: () => NOON_MS - DAY_MS, monotonicUs: () => 0 },
      stats: async (fromMs, toMs) => {
        asked.push([fromMs, toMs]);
        throw new SentinelError('NOT_READY', { reason: 'a test' });
      },
    });
    await world.server.inject({ url: '/api/v1/stats' });
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' });
    await world.server.inject({ url: '/api/v1/stats' });
    const [newest] = (await world.server.inject({ url: '/api/v1/decisions' })).json().decisions;
    const endMs = Date.parse(newest.arrived_at) + 1;
    expect(endMs).toBeGreaterThan(NOON_MS - DAY_MS);
    expect(asked).toEqual([
      [NOON_MS - 2 * DAY_MS, NOON_MS - DAY_MS],
      [endMs - DAY_MS, endMs],
    ]);
  });

  it('give metrics in the format Prometheus reads, and settings as they are shown', async () => {
    const { get } = await aWorldWith(0);
    const metrics = await get('/metrics');
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await get('/api/v1/config')).json()).toEqual({ port: 8000, journal_key: '***' });
  });
});

describe('GET /health', () => {
  it('says how every part is', async () => {
    const { get } = await aWorldWith(0);
    expect((await get('/health')).json()).toEqual({
      status: 'healthy',
      model_loaded: true,
      model_version: 'v20260101_000000',
      cache_status: 'connected',
      database_status: 'connected',
      stream_status: 'connected',
      uptime: 1.5,
      timestamp: new Date(NOON_MS).toISOString(),
    });
  });

  it('answers 503 when unhealthy', async () => {
    const world = anHttpWorld({
      health: async () => ({
        status: 'unhealthy',
        cache: 'connected',
        database: 'degraded',
        stream: 'disconnected',
        uptimeMs: 1,
        checkedMs: NOON_MS,
      }),
    });
    const response = await world.server.inject({ url: '/health' });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ model_loaded: false, model_version: null, stream_status: 'disconnected' });
  });
});
