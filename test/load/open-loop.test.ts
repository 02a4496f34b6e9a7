import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { postBytes } from '../../src/load/http-connection.ts';
import { quantilesOf, runLoad } from '../../src/load/open-loop.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function listen(answer: (body: string, count: number) => { status: number; delayMs?: number }): Promise<number> {
  let count = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { status, delayMs } = answer(body, count++);
      setTimeout(() => response.writeHead(status, { 'content-length': body.length }).end(body), delayMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('runLoad', () => {
  it('sends at the rate asked for and counts answers by status', async () => {
    const port = await listen((_, count) => ({ status: count % 10 === 0 ? 503 : 200 }));
    const bodies: string[] = [];
    const report = await runLoad({
      host: '127.0.0.1',
      port,
      ratePerSecond: 200,
      durationMs: 500,
      connections: 8,
      request: (index) => postBytes('127.0.0.1', '/', `{"index":${index}}`),
      onReply: ({ body }) => bodies.push(body.toString()),
    });
    expect(report.sent).toBe(100);
    expect(report.statuses).toEqual({ 200: 90, 503: 10 });
    expect(new Set(bodies).size).toBe(100);
  });

  it('counts latency from the schedule, so a stalled server shows in every request it delayed', async () => {
    const port = await listen((_, count) => ({ status: 200, delayMs: count === 0 ? 300 : 0 }));
    const report = await runLoad({
      host: '127.0.0.1',
      port,
      ratePerSecond: 100,
      durationMs: 400,
      connections: 1,
      request: () => postBytes('127.0.0.1', '/', '{}'),
    });
    expect(report.latencyMs.p50).toBeGreaterThan(100);
    expect(report.latencyMs.max).toBeGreaterThan(290);
  });

  it('measures nothing of the lead-in, which goes over into what is measured without a pause', async () => {
    const port = await listen((_, count) => ({ status: count < 20 ? 503 : 200, delayMs: count < 5 ? 100 : 0 }));
    let replies = 0;
    const report = await runLoad({
      host: '127.0.0.1',
      port,
      ratePerSecond: 100,
      leadInMs: 200,
      durationMs: 300,
      connections: 8,
      request: () => postBytes('127.0.0.1', '/', '{}'),
      onReply: () => (replies += 1),
    });
    expect(replies).toBe(50);
    expect(report).toMatchObject({ sent: 30, statuses: { 200: 30 }, unsent: 0 });
    expect(report.latencyMs.max).toBeLessThan(90);
    expect(report.seconds).toBeLessThan(0.5);
  });

  it('sends as many whatever the clock shows at the start', async () => {
    const port = await listen(() => ({ status: 200 }));
    const [ratePerSecond, leadInMs, durationMs] = [1_000, 20, 40];
    // The end, when it is added up in two steps, is behind the moment of the first request that is too late.
    const startMs = 14.499999999999991;
    expect(startMs + leadInMs + durationMs).toBeGreaterThan(startMs + (leadInMs + durationMs));
    const offsetMs = startMs - performance.now();
    const realNow = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => realNow() + offsetMs);
    onTestFinished(() => clock.mockRestore());
    clock.mockImplementationOnce(() => startMs);
    const plan = { host: '127.0.0.1', port, ratePerSecond, leadInMs, durationMs, connections: 8 };
    const { sent } = await runLoad({ ...plan, request: () => postBytes('127.0.0.1', '/', '{}') });
    expect(sent).toBe(40);
  });

  it('reports a server that is not there as status 0', async () => {
    const report = await runLoad({
      host: '127.0.0.1',
      port: 1,
      ratePerSecond: 50,
      durationMs: 100,
      connections: 2,
      request: () => postBytes('127.0.0.1', '/', '{}'),
    });
    expect(report.statuses[0]).toBe(report.sent);
  });
});

describe('quantilesOf', () => {
  it('takes the nearest rank', () => {
    const samples = Float64Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    expect(quantilesOf(samples)).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, max: 1_000 });
  });
});
