/** NDJSON in and out over a real socket: order, faults of one line, back-pressure, shutdown. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { aDecisionRecord } from '../support/journal-records.ts';
import { aTransaction, NOON_MS } from '../support/transactions.ts';
import { anHttpWorld, type HttpWorld, PAYMENT, post, type WorldOptions } from '../support/http-server.ts';

let world: HttpWorld;
afterEach(() => world.server.close());

async function listening(options: WorldOptions = {}): Promise<number> {
  world = anHttpWorld(options);
  await world.server.listen({ port: 0, host: '127.0.0.1' });
  return (world.server.server.address() as AddressInfo).port;
}

function openStream(port: number): ClientRequest {
  return request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/api/v1/predict/stream',
    headers: { 'content-type': 'application/x-ndjson' },
  });
}

async function linesOf(client: ClientRequest): Promise<Record<string, unknown>[]> {
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  const lines: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: response }))
    lines.push(JSON.parse(line) as Record<string, unknown>);
  return lines;
}

const payment = (id: number): string => JSON.stringify({ ...PAYMENT, transaction_id: `p${id}` });

describe('POST /api/v1/predict/stream', () => {
  it('answers each line in order, a faulty one by its number', async () => {
    const port = await listening({ limits: { lineBytes: 500 } });
    const client = openStream(port);
    client.end(`${payment(1)}\r\n\n{"amount":NaN}\n${' '.repeat(600)}x\n${payment(2)}`);
    const lines = await linesOf(client);
    expect(lines).toMatchObject([
      { transaction_id: 'p1', cached: false },
      { line: 3, error: { code: 'INVALID_JSON', status: 400 } },
      { line: 4, error: { code: 'BODY_TOO_LARGE', status: 413 } },
      { transaction_id: 'p2' },
    ]);
    expect(world.payments).toHaveLength(2);
  });

  it('answers a line before the next one is sent', async () => {
    const client = openStream(await listening());
    client.write(`${payment(1)}\n`);
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    const reader = createInterface({ input: response });
    const [first] = (await once(reader, 'line')) as [string];
    expect(JSON.parse(first)).toMatchObject({ transaction_id: 'p1' });
    client.write(`${payment(2)}\n`);
    const [second] = (await once(reader, 'line')) as [string];
    expect(JSON.parse(second)).toMatchObject({ transaction_id: 'p2' });
    client.end();
    await once(reader, 'close');
  });

  it('keeps the order when later payments are decided first, and never more than the window at once', async () => {
    let open = 0;
    let most = 0;
    const port = await listening({
      limits: { streamWindow: 8 },
      scoreTransaction: async ({ transaction }) => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, transaction.amountMinor % 7));
        open--;
        const transactionId = transaction.transactionId!;
        return { decision: aDecisionRecord({ transaction: aTransaction({ transactionId }) }), cached: false };
      },
    });
    const client = openStream(port);
    const ids = Array.from({ length: 200 }, (_, index) => `p${index}`);
    const body = ids.map((id, index) => JSON.stringify({ ...PAYMENT, amount: 1 + (index % 90), transaction_id: id }));
    client.end(body.join('\n'));
    expect((await linesOf(client)).map((line) => line.transaction_id)).toEqual(ids);
    expect(most).toBe(8);
  });

  it('waits for its turn when the key has a rate limit, and loses nothing', async () => {
    const port = await listening({ limits: { requestsPerSecond: 100 } });
    const client = openStream(port);
    const started = performance.now();
    client.end(Array.from({ length: 120 }, (_, index) => payment(index)).join('\n'));
    expect(await linesOf(client)).toHaveLength(120);
    expect(performance.now() - started).toBeGreaterThan(150);
  });

  it('says so and ends when the service shuts down', async () => {
    const client = openStream(await listening());
    client.write(`${payment(1)}\n`);
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    const reader = createInterface({ input: response });
    await once(reader, 'line');
    const [last] = await Promise.all([once(reader, 'line'), world.server.close()]);
    expect(JSON.parse(String(last[0]))).toMatchObject({ line: 2, error: { code: 'SHUTTING_DOWN', status: 503 } });
    client.destroy();
  });

  it('answers a line that the shutdown cuts once, as one to send again', async () => {
    const client = openStream(await listening());
    client.write(`${payment(1)}\n${payment(2).slice(0, 20)}`);
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    const reader = createInterface({ input: response });
    const lines: unknown[] = [];
    reader.on('line', (line) => lines.push(JSON.parse(line)));
    await once(reader, 'line');
    await Promise.all([once(reader, 'close'), world.server.close()]);
    expect(lines).toMatchObject([{ transaction_id: 'p1' }, { line: 2, error: { code: 'SHUTTING_DOWN', status: 503 } }]);
    client.destroy();
  });

  it('answers a stream that came whole before the shutdown to its end', async () => {
    const port = await listening({
      scoreTransaction: async ({ transaction: { transactionId } }) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { decision: aDecisionRecord({ transaction: aTransaction({ transactionId: transactionId! }) }), cached: false }; // prettier-ignore
      },
      limits: { streamWindow: 1 },
    });
    const client = openStream(port);
    client.end(`${payment(1)}\n${payment(2)}`);
    const lines = linesOf(client);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.server.close();
    expect(await lines).toMatchObject([{ transaction_id: 'p1' }, { transaction_id: 'p2' }]);
  });

  it('keeps the calls of its key while it waits for room', async () => {
    let free: () => void = () => {};
    const port = await listening({
      limits: { maxInFlight: 1, requestsPerSecond: 3 },
      clock: { nowMs: () => NOON_MS, monotonicUs: () => 0 }, // no new calls come
      scoreTransaction: async ({ transaction: { transactionId } }) => {
        if (transactionId === 'first') await new Promise<void>((resolve) => (free = resolve));
        return { decision: aDecisionRecord({ transaction: aTransaction({ transactionId: transactionId! }) }), cached: false }; // prettier-ignore
      },
    });
    const first = post(world, '/api/v1/predict', { ...PAYMENT, transaction_id: 'first' });
    const client = openStream(port);
    client.end(`${payment(1)}\n${payment(2)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    free();
    expect((await first).statusCode).toBe(200);
    expect(await linesOf(client)).toMatchObject([{ transaction_id: 'p1' }, { transaction_id: 'p2' }]);
  });

  it('refuses a body that is not NDJSON with 415', async () => {
    world = anHttpWorld();
    const response = await world.server.inject({
      method: 'POST',
      url: '/api/v1/predict/stream',
      headers: { 'content-type': 'application/json' },
      payload: '{}',
    });
    expect(response.json()).toMatchObject({
      detail: 'The body must be application/x-ndjson, uncompressed and in UTF-8',
      status: 415,
    });
  });
});
