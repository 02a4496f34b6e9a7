/** The published description: whole, true to the routes, and the same as what is served. */
import { describe, expect, it } from 'vitest';
import { SentinelError } from '../../src/domain/errors.ts';
import { apiReference } from '../../src/http/api-reference.ts';
import { openApiDocument, problemsOf, ROUTE_NAMES, SCHEMAS } from '../../src/http/openapi.ts';
import { DOCS_FILES } from '../../src/http/routes/pages.ts';
import { type JsonSchema } from '../../src/wire/schema.ts';
import { anHttpWorld, type HttpWorld, PAYMENT, post } from '../support/http-server.ts';
import { NOON_MS } from '../support/transactions.ts';

const document = openApiDocument();
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => (name === '$ref' ? [String(member)] : referencesIn(member)));
}

/** The problems of `value` against `schema`; only the keywords our answers use. */
function mismatches(value: unknown, schema: JsonSchema, path = ''): string[] {
  if (schema.$ref !== undefined) return mismatches(value, SCHEMAS[schema.$ref.split('/').at(-1)!]!, path);
  if (schema.anyOf !== undefined) {
    const all = schema.anyOf.map((choice) => mismatches(value, choice, path));
    return all.some((problems) => problems.length === 0) ? [] : [`${path} fits none`];
  }
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.includes(kind) && !(types.includes('integer') && Number.isInteger(value))) {
    return [`${path} is ${kind}, not ${types.join('|')}`];
  }
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) return [`${path} is not in its list`];
  if (Array.isArray(value)) return value.flatMap((item, i) => mismatches(item, schema.items ?? {}, `${path}[${i}]`));
  if (kind !== 'object' || schema.properties === undefined) return [];
  const members = value as Record<string, unknown>;
  return [
    ...(schema.required ?? []).filter((name) => !(name in members)).map((name) => `${path}.${name} is missing`),
    ...Object.entries(members).flatMap(([name, member]) => {
      const known = schema.properties?.[name];
      return known === undefined ? [`${path}.${name} is not described`] : mismatches(member, known, `${path}.${name}`);
    }),
  ];
}

describe('the OpenAPI document', () => {
  it('describes every route the server has, and no other', async () => {
    const { server } = anHttpWorld();
    await server.ready();
    for (const name of ROUTE_NAMES) {
      const [method, url] = name.split(' ') as ['GET', string];
      expect(server.hasRoute({ method, url }), name).toBe(true);
    }
    const found = server.printRoutes({ commonPrefix: false }).match(/\b(?:GET|POST|PUT|DELETE|PATCH)\b/g);
    const ours = ROUTE_NAMES.length;
    const besides = ['/', `${DOCS_FILES}*`]; // the way to the page, and the page's files
    expect(found?.length).toBe(ours + besides.length);
    for (const url of besides) expect(server.hasRoute({ method: 'GET', url }), url).toBe(true);
  });

  it('points at no schema that is not there, and has none that nothing points at', () => {
    const used = new Set(referencesIn(document).map((reference) => reference.replace('#/components/schemas/', '')));
    expect([...used].filter((name) => !(name in SCHEMAS))).toEqual([]);
    expect(Object.keys(SCHEMAS).filter((name) => !used.has(name))).toEqual([]);
  });

  it('names every operation once, and every path parameter of every address', () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const [path, methods] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const operation of Object.values(methods)) {
        const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
        expect(named.map(({ name }) => name)).toEqual(inPath);
      }
    }
  });

  it('requires in each object only members that it describes', () => {
    const check = (schema: JsonSchema): void => {
      for (const name of schema.required ?? []) expect(Object.keys(schema.properties ?? {})).toContain(name);
      for (const member of Object.values(schema.properties ?? {})) check(member);
      if (schema.items !== undefined) check(schema.items);
      for (const choice of schema.anyOf ?? []) check(choice);
    };
    for (const schema of Object.values(SCHEMAS)) check(schema);
  });

  it('says what every member of every message means', () => {
    const silent = (schema: JsonSchema, place: string): readonly string[] => [
      ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
        ...(member.description === undefined && member.$ref === undefined ? [`${place}.${name}`] : []),
        ...silent(member, `${place}.${name}`),
      ]),
      ...(schema.items === undefined ? [] : silent(schema.items, `${place}[]`)),
      ...(schema.anyOf ?? []).flatMap((choice) => silent(choice, place)),
    ];
    expect(Object.entries(SCHEMAS).flatMap(([name, schema]) => silent(schema, name))).toEqual([]);
  });

  it('names the schema of every body that is sent', () => {
    const unnamed = (schema: JsonSchema): boolean =>
      schema.$ref === undefined && schema.anyOf?.every((choice) => choice.$ref !== undefined) !== true;
    for (const { operationId, requestBody } of operations) {
      for (const { schema } of Object.values(requestBody?.content ?? {})) {
        expect(unnamed(schema), operationId).toBe(false);
      }
    }
  });

  it('is what the server serves', async () => {
    const { server } = anHttpWorld();
    const response = await server.inject({ url: '/openapi.json' });
    expect(response.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it.each([
    ['/health', 'Health'],
    ['/livez', 'Liveness'],
    ['/readyz', 'Readiness'],
    ['/api/v1/decisions', 'DecisionPage'],
    ['/api/v1/decisions/p1', 'ExplainedDecision'],
    ['/api/v1/decisions/none', 'Problem'],
    ['/api/v1/entities/user/user_1', 'Entity'],
    ['/api/v1/stats', 'Stats'],
    ['/api/v1/model/info', 'ModelInfo'],
    ['/api/v1/models', 'Models'],
    ['/api/v1/monitoring/metrics', 'MonitoringMetrics'],
    ['/api/v1/config', 'Config'],
  ])('describes what %s answers', async (url, schema) => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1', latitude: 1, attributes: { a: 1 } });
    const response = await world.server.inject({ url });
    expect(mismatches(response.json(), SCHEMAS[schema]!)).toEqual([]);
  });

  it.each([
    ['/api/v1/predict', PAYMENT, 'Decision'],
    ['/api/v1/predict', {}, 'Problem'],
    ['/api/v1/predict/batch', { transactions: [PAYMENT, {}] }, 'BatchResult'],
    ['/predict', { customer_id: 1, merchant_id: 2, amount: 3 }, 'ShortResult'],
    ['/api/v1/labels', { transaction_id: 'x', is_fraud: true, source: 'analyst' }, 'LabelReceipt'],
    [
      '/api/v1/labels',
      { labels: [{ transaction_id: 'x', is_fraud: true, source: 'analyst' }, {}] },
      'LabelBatchResult',
    ],
  ])('describes what %s answers to %j', async (url, body, schema) => {
    const response = await post(anHttpWorld(), url, body);
    expect(mismatches(response.json(), SCHEMAS[schema]!)).toEqual([]);
  });
});

describe('routes that ask the ledger', () => {
  it.each([
    ['GET /api/v1/decisions', '/api/v1/decisions'],
    ['GET /api/v1/decisions/:transaction_id', '/api/v1/decisions/p1'],
    ['GET /api/v1/entities/:kind/:id', '/api/v1/entities/user/user_1'],
    ['GET /api/v1/stats', '/api/v1/stats'],
  ] as const)('say that %s is refused while it starts', async (name, url) => {
    const starting = (): Promise<never> => Promise.reject(new SentinelError('NOT_READY', { reason: 'it starts' }));
    const { server } = anHttpWorld({
      listDecisions: starting,
      stats: starting,
      explainDecision: starting,
      describeEntity: starting,
    });
    const { code, status } = (await server.inject({ url })).json();
    expect([status, code]).toEqual([503, 'NOT_READY']);
    expect(problemsOf(name).get(status)).toContain(code);
  });
});

describe('what is said of a route', () => {
  const addressOf = (name: string): { readonly method: 'GET' | 'POST'; readonly url: string } => {
    const [method, path] = name.split(' ') as ['GET' | 'POST', string];
    return { method, url: path.replace(':kind/:id', 'user/user_1').replace(':transaction_id', 'p1') };
  };
  const BODIES: Readonly<Record<string, readonly [type: string, body: string]>> = {
    'POST /api/v1/predict': ['application/json', JSON.stringify(PAYMENT)],
    'POST /api/v1/predict/batch': ['application/json', JSON.stringify({ transactions: [PAYMENT] })],
    'POST /api/v1/predict/stream': ['application/x-ndjson', JSON.stringify(PAYMENT)],
    'POST /predict': ['application/json', '{"customer_id":1,"merchant_id":2,"amount":3}'],
    'POST /api/v1/labels': ['application/json', '{"transaction_id":"p1","is_fraud":true,"source":"analyst"}'],
  };
  const ask = (world: HttpWorld, name: string) => {
    const [type, payload] = BODIES[name] ?? [];
    return world.server.inject({
      ...addressOf(name),
      ...(payload !== undefined && { payload, headers: { 'content-type': type } }),
    });
  };

  it.each(ROUTE_NAMES)('is true of the headers of an answer: %s', async (name) => {
    const world = anHttpWorld();
    await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' });
    const { statusCode, headers } = await ask(world, name);
    expect(statusCode).toBe(200);
    const { method, url } = { method: name.split(' ')[0]!.toLowerCase(), url: name.split(' ')[1]! };
    const described = document.paths[url.replaceAll(/:(\w+)/g, '{$1}')]![method]!.responses[200]!.headers ?? {};
    expect('x-process-time' in headers).toBe('X-Process-Time' in described);
  });

  it.each(ROUTE_NAMES.filter((name) => name !== 'POST /api/v1/predict/stream'))(
    'is true of the limit of calls: %s',
    async (name) => {
      const world = anHttpWorld({
        limits: { requestsPerSecond: 1 },
        clock: { nowMs: () => NOON_MS, monotonicUs: () => 0 },
      });
      expect((await post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'p1' })).statusCode).toBe(200);
      const { statusCode } = await ask(world, name);
      expect(statusCode).toBe(problemsOf(name).has(429) ? 429 : 200);
    },
  );

  it('names no limit of calls for a stream, which waits instead', () => {
    expect(problemsOf('POST /api/v1/predict/stream').has(429)).toBe(false);
  });

  it.each(ROUTE_NAMES)('names the problem of a request that is no HTTP: %s', (name) => {
    expect(problemsOf(name).get(400)).toContain('MALFORMED_REQUEST');
  });
});

describe('the pages', () => {
  it.each(['/docs', '/redoc'])('serves %s from here alone', async (url) => {
    const { server } = anHttpWorld();
    const page = await server.inject({ url });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    for (const [, file] of page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect((await server.inject({ url: file! })).statusCode, file).toBe(200);
    }
  });

  it('leads a browser from the address that start prints to a page', async () => {
    const answer = await anHttpWorld().server.inject({ url: '/' });
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/docs']);
  });

  it('compresses what is read and not what is scored', async () => {
    const { server } = anHttpWorld();
    const headers = { 'accept-encoding': 'gzip' };
    expect((await server.inject({ url: '/redoc', headers })).headers['content-encoding']).toBe('gzip');
    const scored = await post({ server } as never, '/api/v1/predict', { ...PAYMENT, attributes: {} }, headers);
    expect(scored.headers['content-encoding']).toBeUndefined();
  });

  it('mentions every route in the reference of the documentation', () => {
    const reference = apiReference();
    for (const name of ROUTE_NAMES) expect(reference).toContain(`### \`${name}\``);
  });
});
