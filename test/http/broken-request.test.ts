/** What cannot be read is answered at its turn, and never in the middle of another answer. */
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NDJSON_TYPE } from '../../src/wire/ndjson.ts';
import { anHttpWorld, PAYMENT } from '../support/http-server.ts';
import { aDecisionRecord } from '../support/journal-records.ts';

const SCORING_MS = 100;
const world = anHttpWorld({
  scoreTransaction: async () => {
    await new Promise((resolve) => setTimeout(resolve, SCORING_MS));
    return { decision: aDecisionRecord(), cached: false };
  },
});
let port = 0;
beforeAll(async () => {
  await world.server.listen({ port: 0, host: '127.0.0.1' });
  port = (world.server.server.address() as AddressInfo).port;
});
afterAll(() => world.server.close());

const body = JSON.stringify(PAYMENT);
const payment =
  `POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunk = (lines: string): string => `${Buffer.byteLength(lines).toString(16)}\r\n${lines}\r\n`;

/** All that comes back until the connection is closed; each part is sent once `waitFor` has come behind the one before. */
function exchange(parts: readonly string[], waitFor = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const left = [...parts];
    let answer = '';
    let awaited = 0;
    const sendNext = (): void => {
      awaited = answer.length;
      const part = left.shift();
      if (part !== undefined) socket.write(part);
    };
    socket.on('connect', () => sendNext());
    socket.on('data', (bytes) => {
      answer += String(bytes);
      if (answer.slice(awaited).includes(waitFor)) sendNext();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

const statuses = (answer: string): readonly string[] => answer.match(/HTTP\/1\.1 \d{3}/g) ?? [];

describe('what cannot be read', () => {
  it('is answered with a problem, and the connection is closed', async () => {
    const answer = await exchange(['nonsense\r\n\r\n']);
    expect(statuses(answer)).toEqual(['HTTP/1.1 400']);
    expect(answer).toContain('MALFORMED_REQUEST');
  });

  it('has a problem for a body also where it names no host, or expects what is not known', async () => {
    const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    const unnamed = await exchange(['GET /api/v1/models HTTP/1.1\r\nConnection: close\r\n\r\n']);
    expect(statuses(unnamed)).toEqual(['HTTP/1.1 400']);
    expect(unnamed).toContain('application/problem+json');
    expect(bodyOf(unnamed)).toMatchObject({ code: 'MALFORMED_REQUEST', status: 400, detail: expect.stringContaining('Host') as string }); // prettier-ignore
    const expecting = await exchange(['GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n']);
    expect(statuses(expecting)).toEqual(['HTTP/1.1 417']);
    expect(expecting).toContain('application/problem+json');
    expect(bodyOf(expecting)).toMatchObject({ code: 'MALFORMED_REQUEST', status: 417, detail: expect.stringContaining('Expect') as string }); // prettier-ignore
  });

  it('may leave out the host where the protocol is older than that', async () => {
    expect(statuses(await exchange(['GET /livez HTTP/1.0\r\n\r\n']))).toEqual(['HTTP/1.1 200']);
  });

  it('is said to break off when the client ends within the body', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.end(payment.slice(0, -10));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [^]*it breaks off/);
  });

  it('does not take the answer of the payment before it', async () => {
    const answer = await exchange([`${payment}nonsense\r\n\r\n`]);
    expect(statuses(answer)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(answer.indexOf('"decision"')).toBeLessThan(answer.indexOf('MALFORMED_REQUEST'));
  });

  it('does not take the answer of any of the payments before it', async () => {
    const answer = await exchange([`${payment}${payment}nonsense\r\n\r\n`]);
    expect(statuses(answer)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it('ends a stream of answers that has begun, and puts nothing into it', async () => {
    const head = `POST /api/v1/predict/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${NDJSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await exchange([`${head}${chunk(`${body}\n`)}`, 'nonsense\r\n'], '"cached"');
    expect(statuses(answer)).toEqual(['HTTP/1.1 200']);
    expect(answer).not.toContain('MALFORMED_REQUEST');
  });
});
