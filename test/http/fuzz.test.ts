/** Random requests: never a 5xx, never a stack trace, and nothing recorded that was not answered with 200. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAYMENT_FIELDS } from '../../src/wire/payment-fields.ts';
import { anHttpWorld, PAYMENT } from '../support/http-server.ts';

/** Requests in one run; CI sets more. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

const nasty = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, '', ' ', 0, -0, -1, 1e308, 1e-300, 2 ** 53, true, [], {}, '__proto__', 'constructor', '\u0000', '\ud800', '4111111111111111', '2026-02-30T00:00:00Z', '9999-12-31T23:59:59Z', 'x'.repeat(1_000)), // prettier-ignore
  fc.string({ unit: 'binary' }),
  fc.double(),
);
const fieldName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...Object.keys(PAYMENT_FIELDS)) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '') },
  { weight: 1, arbitrary: fc.string() },
);
const payment = fc
  .tuple(fc.array(fc.tuple(fieldName, nasty), { maxLength: 4 }), fc.boolean())
  .map(([changes, whole]) => JSON.stringify({ ...(whole ? PAYMENT : {}), ...Object.fromEntries(changes) }));
const damaged = fc
  .tuple(payment, fc.nat(), fc.integer({ min: 0, max: 3 }), fc.string({ maxLength: 3, unit: 'binary' }))
  .map(([text, at, remove, insert]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + insert + text.slice(place + remove);
  });
const body = fc.oneof(
  { weight: 4, arbitrary: payment.map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: damaged.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.array(payment).map((items) => Buffer.from(`{"transactions":[${items.join(',')}]}`)) },
  { weight: 1, arbitrary: fc.array(damaged).map((items) => Buffer.from(items.join('\n'))) },
);
const request = fc.record({
  method: fc.constantFrom('POST' as const, 'POST' as const, 'POST' as const, 'GET' as const, 'PUT' as const),
  url: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('/api/v1/predict', '/api/v1/predict/batch', '/api/v1/predict/stream', '/predict', '/api/v1/labels') }, // prettier-ignore
    { weight: 1, arbitrary: fc.webPath().map((path) => `/${path}`) },
    { weight: 1, arbitrary: fc.webQueryParameters().map((query) => `/api/v1/decisions?${query}`) },
    { weight: 1, arbitrary: fc.string().map((id) => `/api/v1/decisions/${encodeURIComponent(id)}`) },
    { weight: 1, arbitrary: fc.string().map((id) => `/api/v1/entities/${id.replaceAll(/[^!-~]/g, '%')}`) },
  ),
  type: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'application/x-ndjson', 'text/plain'),
  key: fc.option(fc.stringMatching(/^[ -~]{0,120}$/), { nil: undefined }),
  body,
});

describe('the API under random requests', () => {
  it(`stands ${RUNS} of them`, { timeout: 30_000 + RUNS * 20 }, async () => {
    const world = anHttpWorld();
    const paths: Record<number, number> = {};
    await fc.assert(
      fc.asyncProperty(request, async ({ method, url, type, key, body: payload }) => {
        const before = world.payments.length + world.labels.length;
        const response = await world.server.inject({
          method,
          url,
          headers: { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) },
          ...(method === 'GET' ? {} : { payload }),
        });
        paths[response.statusCode] = (paths[response.statusCode] ?? 0) + 1;
        expect(response.statusCode).toBeLessThan(500);
        if (response.statusCode >= 400) {
          expect(response.json()).toMatchObject({ status: response.statusCode, code: expect.any(String) });
          expect(world.payments.length + world.labels.length).toBe(before);
        }
        expect(response.body).not.toMatch(/\bat .*\.ts:\d+|node_modules|4111111111111111/);
      }),
      { numRuns: RUNS },
    );
    expect(JSON.stringify(world.payments)).not.toContain('4111111111111111');
    expect(world.logged).toEqual([]);
    // The fuzz means something only while it reaches every kind of answer.
    for (const status of [200, 400, 404, 405, 415, 422]) expect(paths[status], String(status)).toBeGreaterThan(0);
  });
});
