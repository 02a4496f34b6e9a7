/** Pages of the origins allowed may make every call of the API, others none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey, createKeyRing } from '../../src/access/keys.ts';
import { ROUTE_PERMISSIONS, type RouteName } from '../../src/access/permissions.ts';
import { NDJSON_TYPE } from '../../src/wire/ndjson.ts';
import { anHttpWorld, PAYMENT } from '../support/http-server.ts';

const ORIGIN = 'https://a.example';
const { key, entry } = createKey('a', 'admin');
const world = anHttpWorld({ keys: createKeyRing([entry]), limits: { corsOrigins: [ORIGIN, 'https://b.example'] } });
let url = '';
beforeAll(async () => void (url = await world.server.listen({ port: 0, host: '127.0.0.1' })));
afterAll(() => world.server.close());

const ask = (name: RouteName, headers: Readonly<Record<string, string>>, preflight = false): Promise<Response> => {
  const [method, path] = name.split(' ') as ['GET' | 'POST', string];
  if (preflight) {
    return fetch(url + path, { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': method } });
  }
  const isStream = name === 'POST /api/v1/predict/stream';
  const given = { 'x-api-key': key, 'content-type': isStream ? NDJSON_TYPE : 'application/json', ...headers };
  return fetch(url + path, { method, headers: given, ...(method === 'POST' && { body: JSON.stringify(PAYMENT) }) });
};
const wordsOf = (response: Response, header: string): string[] => (response.headers.get(header) ?? '').split(', ');

describe('a page of an origin that is allowed', () => {
  it.each(Object.keys(ROUTE_PERMISSIONS) as RouteName[])('may call %s and read the answer', async (name) => {
    const preflight = await ask(name, { origin: ORIGIN }, true);
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(wordsOf(preflight, 'access-control-allow-methods')).toContain(name.split(' ')[0]);
    expect(wordsOf(preflight, 'access-control-allow-headers').sort()).toEqual(['Authorization', 'Content-Type', 'Idempotency-Key', 'X-API-Key']); // prettier-ignore
    const answer = await ask(name, { origin: ORIGIN });
    await answer.arrayBuffer();
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('vary')).toMatch(/Origin/i);
  });

  it('may read refusals, and when to come again', async () => {
    const refused = await ask('POST /api/v1/predict', { origin: ORIGIN, 'x-api-key': 'none' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(wordsOf(refused, 'access-control-expose-headers')).toContain('Retry-After');
  });
});

describe('a request for options that no browser sent ahead of a call', () => {
  it.each([{}, { origin: ORIGIN }, { 'access-control-request-method': 'POST' }])(
    'is refused as every unknown method: %j',
    async (headers) => {
      const answer = await fetch(`${url}/api/v1/predict`, { method: 'OPTIONS', headers });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      expect(await answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    },
  );
});

describe('a page of another origin', () => {
  it.each(Object.keys(ROUTE_PERMISSIONS) as RouteName[])('may not call %s', async (name) => {
    for (const isPreflight of [true, false]) {
      const answer = await ask(name, { origin: 'https://evil.example' }, isPreflight);
      await answer.arrayBuffer();
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('a service that allows no origin', () => {
  it('says nothing of them', async () => {
    const { server } = anHttpWorld();
    const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const preflight = await server.inject({ method: 'OPTIONS', url: '/api/v1/predict', headers });
    const answer = await server.inject({ method: 'POST', url: '/api/v1/predict', payload: PAYMENT, headers });
    for (const { headers: told } of [preflight, answer]) expect(told['access-control-allow-origin']).toBeUndefined();
    expect({ preflight: preflight.statusCode, answer: answer.statusCode }).toEqual({ preflight: 405, answer: 200 });
  });
});
