import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { openConnection, postBytes, type Reply } from '../../src/load/http-connection.ts';

/** The answers to `count` requests, one after the other on one connection. */
async function replies(listener: RequestListener, count: number): Promise<Reply[]> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connection = openConnection('127.0.0.1', port);
  const found: Reply[] = [];
  for (let index = 0; index < count; index++) {
    found.push(await new Promise((resolve) => connection.send(postBytes('x', '/', `${index}`), resolve)));
  }
  connection.close();
  await new Promise((resolve) => server.close(resolve));
  return found;
}

const texts = (found: readonly Reply[]): string[] => found.map(({ status, body }) => `${status} ${body.toString()}`);

it('takes answers of a stated length', async () => {
  const found = await replies((request, response) => {
    request.on('data', (body: Buffer) => response.end(`got ${body.toString()}`));
  }, 3);
  expect(texts(found)).toEqual(['200 got 0', '200 got 1', '200 got 2']);
});

it('takes an answer in chunks only when the last of them is there', async () => {
  const found = await replies((_, response) => {
    response.writeHead(201);
    response.write('first\r\n\r\n');
    setTimeout(() => response.write('second'), 10);
    setTimeout(() => response.end('third'), 20);
  }, 3);
  expect(texts(found)).toEqual(Array(3).fill('201 first\r\n\r\nsecondthird'));
});

it('tells a broken connection as status 0 and opens another for the next request', async () => {
  let seen = 0;
  const found = await replies((request, response) => (seen++ === 0 ? request.destroy() : response.end('ok')), 2);
  expect(texts(found)).toEqual(['0 ', '200 ok']);
});
