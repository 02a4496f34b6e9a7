/** A card number anywhere in a request never comes out of the edge: not to scoring, not in an answer, not in a log. */
import { describe, expect, it } from 'vitest';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';

const PAN = '4111111111111111';
const SPACED = '4111 1111 1111 1111';

async function everythingOf(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const world = anHttpWorld();
  const response = await post(world, '/api/v1/predict', body, headers);
  return JSON.stringify([response.body, world.payments, world.logged]);
}

describe('card numbers', () => {
  it.each(['transaction_id', 'user_id', 'merchant_id', 'card_id', 'device_id'])(
    'become a token in %s, the same for every way of writing them',
    async (field) => {
      const world = anHttpWorld();
      await post(world, '/api/v1/predict', { ...PAYMENT, [field]: `id:${PAN}` });
      await post(world, '/api/v1/predict', { ...PAYMENT, [field]: `id:${SPACED}` });
      const text = JSON.stringify(world.payments);
      expect(text).not.toContain('1111');
      expect(text.match(/id:pan_1_[0-9a-f]{32}"/g)?.length).toBeGreaterThanOrEqual(1);
      expect(new Set(text.match(/pan_1_[0-9a-f]{32}/g)).size).toBe(1);
    },
  );

  it.each([
    ['merchant_category', { merchant_category: PAN }],
    ['location_city', { location_city: `at ${SPACED}.` }],
    ['device_type', { device_type: '4111-1111-1111-1111' }],
    ['an attribute', { attributes: { note: `paid with ${SPACED}, exp 12/27` } }],
    ['a numeric attribute', { attributes: { card: 4111111111111111 } }],
    ['the name of an attribute', { attributes: { [PAN]: true } }],
  ])('are masked in %s', async (_where, fields) => {
    const everything = await everythingOf({ ...PAYMENT, ...fields });
    expect(everything).toContain('411111******1111');
    expect(everything).not.toMatch(/4111[ -]?1111[ -]?1111/);
  });

  it.each<[string, unknown]>([
    ['an unknown field', { ...PAYMENT, [PAN]: 1 }],
    ['a wrong type', { ...PAYMENT, user_id: 4111111111111111 }],
    ['broken JSON', `{"user_id":"${PAN}",}`],
    ['a wrong timestamp', { ...PAYMENT, timestamp: PAN }],
    ['a wrong address', { ...PAYMENT, ip_address: PAN }],
    ['an escape', `${JSON.stringify(PAYMENT).slice(0, -1)},"location_city":"\\u0034111111111111111"}`],
    ['a non-breaking blank', { ...PAYMENT, location_city: '4111\u00a01111\u00a01111\u00a01111' }],
  ])('do not come through by %s', async (_how, body) => {
    const everything = await everythingOf(body);
    expect(everything).not.toMatch(/4111[\s-]?1111[\s-]?1111/);
  });

  it('do not come through by an Idempotency-Key or an address', async () => {
    expect(await everythingOf(PAYMENT, { 'idempotency-key': PAN })).not.toContain(PAN);
    const world = anHttpWorld();
    const response = await world.server.inject({ method: 'GET', url: `/api/v1/decisions/${PAN}` });
    expect(response.statusCode).toBe(404);
    expect(response.body).not.toContain(PAN);
  });

  it.each(['4111%201111%201111%201111', '%34111111111111111', '4111%2D1111%2D1111%2D1111'])(
    'do not come through by an address that nothing answers to: %s',
    async (path) => {
      const response = await anHttpWorld().server.inject({ method: 'GET', url: `/x/${path}` });
      expect(response.json()).toMatchObject({
        code: 'ADDRESS_UNKNOWN',
        detail: 'There is nothing at /x/411111******1111',
      });
    },
  );

  it('do not come through by an address that cannot be decoded', async () => {
    const response = await anHttpWorld().server.inject({ method: 'GET', url: `/x/%ff/%34111111111111111` });
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(decodeURI(response.body)).not.toContain(PAN);
  });

  it('find their decision again when asked for as they were sent', async () => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: PAN });
    const response = await world.server.inject({ method: 'GET', url: `/api/v1/decisions/${PAN}` });
    expect(response.statusCode).toBe(200);
    await post(world, '/api/v1/labels', { transaction_id: PAN, is_fraud: true, source: 'chargeback' });
    expect(world.labels[0]?.transactionId).toBe(world.payments[0]?.transaction.transactionId);
  });
});
