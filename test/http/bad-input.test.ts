/** Everything wrong that can be sent: a clear 4xx each, nothing recorded. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';

const with_ = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...PAYMENT, ...fields });
const raw = (text: string): string => JSON.stringify(PAYMENT).replace(/}$/, `,${text}}`);

describe('a body that is not one JSON document', () => {
  const world = anHttpWorld();
  it.each<[string, string | Buffer, string]>([
    ['an empty body', '', 'the body is empty'],
    ['text', 'hello', 'a value was expected (line 1, column 1)'],
    ['a cut body', JSON.stringify(PAYMENT).slice(0, -1), '“,” or “}” was expected'],
    ['two documents', '{} {}', 'nothing may follow the first value (line 1, column 4)'],
    ['NaN', '{\n"amount": NaN}', 'NaN is not a JSON number (line 2, column 11)'],
    ['Infinity', '{"amount": -Infinity}', '-Infinity is not a JSON number'],
    ['a repeated name', raw('"amount":1'), 'this name is given twice in the same object'],
    ['a repeated name written with an escape', raw('"\\u0061mount":1'), 'this name is given twice'],
    ['invalid UTF-8', Buffer.from(with_({ user_id: 'é' }), 'latin1'), 'it is not valid UTF-8'],
    ['deep nesting', raw(`"attributes":${'['.repeat(50_00)}${']'.repeat(50_00)}`), 'it is nested deeper than 8'],
    ['a comment', '{/* */}', 'a name in double quotes was expected'],
    ['a trailing comma', '{"a":1,}', 'a name in double quotes was expected'],
    ['single quotes', "{'a':1}", 'a name in double quotes was expected'],
    ['a raw control character', '{"a":"\u0001"}', 'this string is not closed, or holds a raw control character'],
    ['a leading zero', '{"a":01}', '“,” or “}” was expected'],
    ['a byte order mark', `\ufeff${with_({})}`, 'a byte order mark is no part of JSON (line 1, column 1)'],
  ])('refuses %s with 400', async (_what, body, problem) => {
    const response = await post(world, '/api/v1/predict', body);
    expect(response.json()).toMatchObject({ code: 'INVALID_JSON', status: 400 });
    expect(response.json().detail).toContain(problem);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(world.payments).toHaveLength(0);
  });
});

describe('a payment with a wrong field', () => {
  const world = anHttpWorld();
  it.each<[string, string, string]>([
    ['no user', with_({ user_id: undefined }), 'user_id'],
    ['a null amount', with_({ amount: null }), 'amount'],
    ['an empty user', with_({ user_id: '' }), 'user_id'],
    ['a long user', with_({ user_id: 'x'.repeat(101) }), 'user_id'],
    ['a number for a user', with_({ user_id: 7 }), 'user_id'],
    ['a long category', with_({ merchant_category: 'x'.repeat(51) }), 'merchant_category'],
    ['a long type', with_({ transaction_type: 'x'.repeat(31) }), 'transaction_type'],
    ['a text amount', with_({ amount: '25' }), 'amount'],
    ['an amount of zero', with_({ amount: 0 }), 'amount'],
    ['a negative amount', with_({ amount: -1 }), 'amount'],
    ['an infinite amount', raw('"latitude":1e999'), 'latitude'],
    ['a huge amount', with_({ amount: 1e300 }), 'amount'],
    ['too many decimals for dollars', with_({ amount: 1.005 }), 'amount'],
    ['decimals for yen', with_({ amount: 1.5, currency: 'JPY' }), 'amount'],
    ['four decimals for dinars', with_({ amount: 1.0005, currency: 'KWD' }), 'amount'],
    ['a currency of four letters', with_({ currency: 'USDT' }), 'currency'],
    ['a time without zone', with_({ timestamp: '2026-01-15T10:00:00' }), 'timestamp'],
    ['a numeric time', with_({ timestamp: 1_768_000_000 }), 'timestamp'],
    ['a time long ago', with_({ timestamp: '1971-01-15T10:00:00Z' }), 'timestamp'],
    ['a time far ahead', with_({ timestamp: '9999-01-15T10:00:00Z' }), 'timestamp'],
    ['a country of one letter', with_({ location_country: 'U' }), 'location_country'],
    ['an address that is none', with_({ ip_address: '300.1.1.1' }), 'ip_address'],
    ['a latitude beyond the pole', with_({ latitude: 90.1 }), 'latitude'],
    ['a longitude beyond the line', with_({ longitude: -181 }), 'longitude'],
    ['five last digits', with_({ card_last_four: '12345' }), 'card_last_four'],
    ['an empty optional field', with_({ device_id: '' }), 'device_id'],
    ['an array of attributes', with_({ attributes: [] }), 'attributes'],
    ['nested attributes', with_({ attributes: { a: { b: 1 } } }), 'attributes.a'],
    ['a null attribute', with_({ attributes: { a: null } }), 'attributes.a'],
    ['an infinite attribute', raw('"attributes":{"a":1e999}'), 'attributes.a'],
    ['an integer attribute that loses digits', raw('"attributes":{"a":12345678901234567890}'), 'attributes.a'],
    ['too many attributes', with_({ attributes: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`a${i}`, i])) }), 'attributes'], // prettier-ignore
    ['a prototype attribute', raw('"attributes":{"__proto__":1}'), 'attributes.__proto__'],
    ['a constructor attribute', raw('"attributes":{"constructor":1}'), 'attributes.constructor'],
    ['a control character', with_({ user_id: 'a\u0000b' }), 'user_id'],
    ['half a surrogate pair', raw('"device_id":"\\ud800"'), 'device_id'],
    ['an unknown field', with_({ amuont: 1 }), 'amuont'],
    ['a prototype field', raw('"__proto__":{"admin":true}'), '__proto__'],
    ['a constructor field', raw('"constructor":{}'), 'constructor'],
    ['an array', '[]', 'body'],
    ['a number', '7', 'body'],
    ['null', 'null', 'body'],
  ])('refuses %s with 422 and names the field', async (_what, body, field) => {
    const response = await post(world, '/api/v1/predict', body);
    expect(response.json()).toMatchObject({ code: 'INVALID_REQUEST', status: 422, field });
    expect(response.json().detail.length).toBeGreaterThan(field.length + 10);
    expect(world.payments).toHaveLength(0);
  });

  it('takes null for an absent optional field, and hashes it alike', async () => {
    await post(world, '/api/v1/predict', { ...PAYMENT, device_id: null, latitude: null });
    await post(world, '/api/v1/predict', PAYMENT);
    expect(world.payments[0]).toEqual(world.payments[1]);
    expect(world.payments[0]?.transaction).not.toHaveProperty('deviceId');
  });
});

describe('a request that is not for us', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/json; charset=latin1',
    '',
  ])('refuses the content type “%s” with 415', async (type) => {
    const world = anHttpWorld();
    const response = await post(world, '/api/v1/predict', with_({}), { 'content-type': type });
    expect(response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', status: 415 });
    expect(world.payments).toHaveLength(0);
  });

  it('refuses a compressed body with 415', async () => {
    const world = anHttpWorld();
    const response = await post(world, '/api/v1/predict', gzipSync(with_({})), { 'content-encoding': 'gzip' });
    expect(response.statusCode).toBe(415);
  });

  it('refuses a body over the limit with 413 and says the limit', async () => {
    const world = anHttpWorld({ limits: { bodyBytes: 1_000 } });
    const response = await post(world, '/api/v1/predict', with_({ attributes: { a: 'x'.repeat(1_000) } }));
    expect(response.json()).toMatchObject({
      code: 'BODY_TOO_LARGE',
      status: 413,
      detail: 'The body exceeds 1000 bytes',
    });
    expect(world.payments).toHaveLength(0);
  });

  it('answers 405 with Allow to a wrong method, and 404 to a wrong address', async () => {
    const { server } = anHttpWorld();
    const wrongMethod = await server.inject({ method: 'GET', url: '/api/v1/predict' });
    expect(wrongMethod.statusCode).toBe(405);
    expect(wrongMethod.headers.allow).toBe('POST');
    const deleted = await server.inject({ method: 'DELETE', url: '/api/v1/decisions/x' });
    expect(deleted.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    expect(deleted.headers.allow).toBe('GET, HEAD');
    expect((await server.inject({ method: 'HEAD', url: '/api/v1/decisions' })).statusCode).toBe(200);
    const nowhere = await server.inject({ method: 'GET', url: '/api/v2/4111111111111111' });
    expect(nowhere.json()).toMatchObject({ code: 'ADDRESS_UNKNOWN', status: 404 });
    expect(nowhere.body).not.toContain('4111111111111111');
  });

  it('answers 400 to an address that is no URL', async () => {
    const response = await anHttpWorld().server.inject({ method: 'GET', url: '/api/v1/decisions/%zz' });
    expect(response.json()).toMatchObject({ code: 'MALFORMED_REQUEST', status: 400 });
    expect(response.headers).not.toHaveProperty('x-process-time');
  });

  it.each(['%zz', '%ff', 'a%'])(
    'answers 400 to the query “user_id=%s”, which nothing could be found by',
    async (id) => {
      const response = await anHttpWorld().server.inject({ method: 'GET', url: `/api/v1/decisions?user_id=${id}` });
      expect(response.json()).toMatchObject({ code: 'MALFORMED_REQUEST', status: 400 });
    },
  );

  it('says of a compressed body that it is to be uncompressed', async () => {
    const response = await post(anHttpWorld(), '/api/v1/predict', PAYMENT, { 'content-encoding': 'gzip' });
    expect(response.json()).toMatchObject({ detail: 'The body must be application/json, uncompressed and in UTF-8' });
  });

  it.each([
    ['the directory of the files of a page', '', {}, 404],
    ['a range behind the end of a file', 'swagger-ui.css', { range: 'bytes=999999999-' }, 200],
    ['a file only if it were another', 'swagger-ui.css', { 'if-match': '"x"' }, 400],
  ])('does not fail inside when asked for %s', async (_, file, headers, status) => {
    const { server, logged } = anHttpWorld();
    expect((await server.inject({ url: `/docs/static/${file}`, headers })).statusCode).toBe(status);
    expect(logged).toEqual([]);
  });

  it('refuses an Idempotency-Key that is none', async () => {
    const response = await post(anHttpWorld(), '/api/v1/predict', PAYMENT, { 'idempotency-key': 'a b' });
    expect(response.json()).toMatchObject({ field: 'Idempotency-Key', status: 422 });
  });
});
