/** A client that has said all it wants to say may close its side at once, and is answered all the same. */
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NDJSON_TYPE } from '../../src/wire/ndjson.ts';
import { anHttpWorld, PAYMENT } from '../support/http-server.ts';
import { aDecisionRecord } from '../support/journal-records.ts';

const SCORING_MS = 50;
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

const payment = (path: string, type: string): string => {
  const body = JSON.stringify(PAYMENT);
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

/** What comes back until the other side closes too. */
async function sendAndClose(requests: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(requests);
  return text(socket);
}

const decisionsIn = (answer: string): number => answer.match(/"decision":/g)?.length ?? 0;

describe('a client that closes its side behind its requests', () => {
  it('gets the decision of its payment', async () => {
    const answer = await sendAndClose(payment('/api/v1/predict', 'application/json'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(decisionsIn(answer)).toBe(1);
  });

  it('gets those of all payments it sent', async () => {
    expect(decisionsIn(await sendAndClose(payment('/api/v1/predict', 'application/json').repeat(3)))).toBe(3);
  });

  it('gets the answers of a stream', async () => {
    expect(decisionsIn(await sendAndClose(payment('/api/v1/predict/stream', NDJSON_TYPE)))).toBe(1);
  });
});
