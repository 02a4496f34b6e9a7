import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { SentinelError } from '../../src/domain/errors.ts';
import { DEFAULT_LIMITS } from '../../src/http/server-deps.ts';
import { type HttpCalls, type ServerOrder } from '../../src/http-thread/messages.ts';
import { type HttpService, type HttpThread, startHttpThread } from '../../src/http-thread/start.ts';
import { type Answer } from '../../src/wire/answer.ts';
import { CATALOGUES, PAYMENT } from '../support/http-server.ts';

const ORDER: ServerOrder = {
  host: '127.0.0.1',
  port: 0,
  limits: DEFAULT_LIMITS,
  sharesLimits: false,
  keys: [],
  catalogues: CATALOGUES,
  baseCurrency: 'USD',
  config: { port: 0 },
  tokenKey: new Uint8Array(32),
};

interface World {
  readonly service: HttpService;
  readonly requests: unknown[];
  readonly logged: unknown[];
}

const ANSWER: Answer = {
  transactionId: '',
  probability: 0.75,
  outcome: 'review',
  riskLevel: 'medium',
  reasons: [{ feature: 'amount', value: 5, contribution: 1.5, text: 'Amount of 5.00' }],
  rules: [],
  model: 'v1',
  policy: 'p1',
  totalUs: 250,
  cached: false,
};

/** Answers with the amount it was asked about; amounts of 13.00 and 14.00 fail. */
function aWorld(calls: Partial<HttpCalls> = {}): World {
  const requests: unknown[] = [];
  const logged: unknown[] = [];
  const service: HttpService = {
    answerPayment: async ({ transaction }) => {
      if (transaction.amountMinor === 1_300) throw new SentinelError('JOURNAL_UNAVAILABLE');
      if (transaction.amountMinor === 1_400) throw new TypeError('a secret', { cause: new Error('its reason') });
      return { ...ANSWER, transactionId: `of ${transaction.amountMinor}` };
    },
    calls: calls as HttpCalls, // only what the tests ask for
    telemetry: { request: (...told) => void requests.push(told) },
  };
  return { service, requests, logged };
}

const threads: HttpThread[] = [];
const started = (logged: unknown[] = []): HttpThread => {
  const thread = startHttpThread({ error: (fields, message) => void logged.push({ fields, message }) });
  threads.push(thread);
  return thread;
};
afterEach(() => Promise.all(threads.splice(0).map((thread) => thread.stop())));

const post = (url: string, path: string, body: unknown): Promise<Response> =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('the HTTP thread', () => {
  it('has payments answered by the scoring thread, single, in batches and short', async () => {
    const { service, requests } = aWorld();
    const thread = started();
    const url = await thread.open(ORDER, service);
    expect(await (await post(url, '/api/v1/predict', PAYMENT)).json()).toMatchObject({
      transaction_id: 'of 2500',
      fraud_score: 0.75,
      reasons: [{ feature: 'amount', value: 5, contribution: 1.5, text: 'Amount of 5.00' }],
    });
    const batch = await post(url, '/api/v1/predict/batch', {
      transactions: [1, 2, 3].map((amount) => ({ ...PAYMENT, amount })),
    });
    expect(await batch.json()).toMatchObject({
      predictions: [1, 2, 3].map((amount) => ({ transaction_id: `of ${amount * 100}` })),
      total_fraud_detected: 3,
      avg_inference_time_ms: 0.25,
    });
    const short = await post(url, '/predict', { customer_id: 1, merchant_id: 2, amount: 5 });
    expect(await short.json()).toEqual({
      prediction: 'FRAUD',
      probability: 0.75,
      explanation: 'review with medium confidence: Amount of 5.00',
      model_version: 'v1',
    });
    await thread.close();
    expect(requests).toEqual([
      ['/api/v1/predict', 200, expect.any(Number)],
      ['/api/v1/predict/batch', 200, expect.any(Number)],
      ['/predict', 200, expect.any(Number)],
    ]);
  });

  it('tells failures of the scoring thread as problems and logs those that are nobody’s to see', async () => {
    const { service, logged } = aWorld();
    const url = await started(logged).open(ORDER, service);
    const unavailable = await post(url, '/api/v1/predict', { ...PAYMENT, amount: 13 });
    expect([unavailable.status, await unavailable.json()]).toMatchObject([503, { code: 'JOURNAL_UNAVAILABLE' }]);
    const failed = await post(url, '/api/v1/predict', { ...PAYMENT, amount: 14 });
    const problem = await failed.text();
    expect([failed.status, problem.includes('a secret')]).toEqual([500, false]);
    await fetch(`${url}/livez`);
    expect(logged).toMatchObject([{ fields: { error: { message: 'a secret', cause: { message: 'its reason' } } } }]);
  });

  it('asks the scoring thread for everything else, and is told its failures', async () => {
    const { service } = aWorld({
      readiness: async () => ({ ready: true, reason: 'ready' }),
      modelInfo: async () => Promise.reject(new SentinelError('NOT_READY', { reason: 'no model is in service' })),
    });
    const url = await started().open(ORDER, service);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, reason: 'ready' });
    expect((await fetch(`${url}/api/v1/model/info`)).status).toBe(503);
  });

  it('refuses requests by names of other machines while there are no keys', async () => {
    const url = await started().open(ORDER, aWorld().service);
    const status = await new Promise((resolve, reject) => {
      const asked = get(`${url}/api/v1/config`, { headers: { host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode)); // prettier-ignore
      asked.on('error', reject);
    });
    expect(status).toBe(403);
  });

  it('says when it cannot listen, and can open another server after one is closed', async () => {
    const [first, second] = [started(), started()];
    const { service } = aWorld();
    const url = new URL(await first.open(ORDER, service));
    const taken = { ...ORDER, port: Number(url.port) };
    await expect(second.open(taken, service)).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
      details: { host: taken.host, port: taken.port },
    });
    await first.close();
    const again = await second.open(taken, service);
    expect((await fetch(`${again}/livez`)).status).toBe(200);
  });

  it('says that it failed when it does, also to whoever waits for it', async () => {
    const { service } = aWorld();
    const thread = started();
    const noKeys = undefined as unknown as ServerOrder['keys']; // what no caller sends, to make it fail
    await expect(thread.open({ ...ORDER, keys: noKeys }, service)).rejects.toThrow('the HTTP thread failed');
    expect(await thread.failed).toMatchObject({ cause: { name: 'TypeError' } });
    await thread.close();
  });

  it('says nothing when it is stopped', async () => {
    const thread = started();
    await thread.open(ORDER, aWorld().service);
    let failure: Error | undefined;
    void thread.failed.then((error) => (failure = error));
    await thread.stop();
    expect(failure).toBeUndefined();
  });
});
