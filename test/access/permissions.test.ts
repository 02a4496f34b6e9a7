/** Who may do what, asked of the server itself. */
import { describe, expect, it } from 'vitest';
import { createKey, createKeyRing } from '../../src/access/keys.ts';
import { ROUTE_PERMISSIONS, type RouteName } from '../../src/access/permissions.ts';
import { HOLDERS, ROLES } from '../../src/access/roles.ts';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';

const made = ROLES.map((role) => createKey(role, role));
const keyOf = new Map(made.map(({ key, entry }) => [entry.role, key]));
const world = anHttpWorld({ keys: createKeyRing(made.map(({ entry }) => entry)) });

const ask = (name: RouteName, headers: Readonly<Record<string, string>>) => {
  const [method, url] = name.split(' ') as ['GET' | 'POST', string];
  return world.server.inject({ method, url: url.replaceAll(/:\w+/g, 'x'), headers });
};

describe.each(Object.keys(ROUTE_PERMISSIONS) as RouteName[])('%s', (name) => {
  const permission = ROUTE_PERMISSIONS[name];

  it('answers 401 without a key or with a wrong one, unless it is public', async () => {
    const expected = permission === 'public' ? 200 : 401;
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-api-key': 'wrong' }]) {
      const response = await ask(name, headers);
      expect(response.statusCode).toBe(expected);
      if (expected === 401) expect(response.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('answers 403 to exactly the roles without the permission', async () => {
    if (permission === 'public') return expect((await ask(name, {})).statusCode).toBe(200);
    for (const role of ROLES) {
      const { statusCode } = await ask(name, { authorization: `Bearer ${keyOf.get(role)}` });
      expect(statusCode === 403, role).toBe(!HOLDERS[permission].includes(role));
    }
  });
});

describe('a key', () => {
  it('lets its holder score', async () => {
    const response = await post(world, '/api/v1/predict', PAYMENT, { 'x-api-key': keyOf.get('scorer')! });
    expect(response.statusCode).toBe(200);
  });

  it('is asked for before the body is read', async () => {
    const response = await post(world, '/api/v1/predict', 'x'.repeat(1_000_000));
    expect(response.statusCode).toBe(401);
  });
});
