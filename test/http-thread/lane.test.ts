import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createLaneMemory, type Lane, openLane } from '../../src/http-thread/lane.ts';

const CAPACITY = 1_024;
const channels: MessageChannel[] = [];
afterEach(() => channels.splice(0).forEach(({ port1 }) => port1.close()));

/** A lane whose far end keeps what it gets. */
function aLane(): {
  readonly near: Lane;
  readonly heard: string[];
  readonly told: unknown[];
  tell(message: unknown): void;
} {
  const channel = new MessageChannel();
  channels.push(channel);
  const { here, there } = createLaneMemory(CAPACITY);
  const heard: string[] = [];
  const told: unknown[] = [];
  const near = openLane(channel.port1, here, { onBytes: () => expect.unreachable(), onMessage: () => undefined });
  openLane(channel.port2, there, {
    onBytes: (bytes, start, end) => heard.push(Buffer.from(bytes.slice(start, end)).toString()),
    onMessage: (message) => told.push(message),
  });
  return { near, heard, told, tell: (message) => channel.port1.postMessage(message) };
}

const send = (lane: Lane, text: string): void => lane.send(Buffer.from(text), Buffer.byteLength(text));
const until = async (condition: () => boolean): Promise<void> => {
  for (let turn = 0; !condition() && turn < 2_000; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('a lane', () => {
  it('delivers messages in order, also when more are under way than its ring holds', async () => {
    const { near, heard } = aLane();
    const sent = Array.from({ length: 500 }, (_, index) => `message ${index} ${'x'.repeat(index % 97)}`);
    for (const text of sent) send(near, text);
    await until(() => heard.length === sent.length);
    expect(heard).toEqual(sent);
  });

  it('wakes an end that has slept, again and again', async () => {
    const { near, heard } = aLane();
    for (let message = 1; message <= 5; message++) {
      send(near, String(message));
      await until(() => heard.length === message);
    }
    expect(heard).toEqual(['1', '2', '3', '4', '5']);
  });

  it('refuses a message that no empty ring would hold', () => {
    const { near } = aLane();
    expect(() => near.send(new Uint8Array(CAPACITY), CAPACITY)).toThrow(/1024 bytes exceeds 504/);
  });

  it('hands on what is said beside the bytes', async () => {
    const { told, tell } = aLane();
    tell({ kind: 'close' });
    await until(() => told.length === 1);
    expect(told).toEqual([{ kind: 'close' }]);
  });
});
