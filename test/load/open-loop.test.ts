import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
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
