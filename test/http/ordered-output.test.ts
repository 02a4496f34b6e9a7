/** Ordered output against a slow reader. */
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOrderedOutput } from '../../src/http/ordered-output.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createOrderedOutput', () => {
  it('writes texts in the order of their places, those ready together in one write', async () => {
    const writes: string[] = [];
    const output = createOrderedOutput(
      new Writable({ write: (chunk: Buffer, _encoding, done) => (writes.push(chunk.toString()), done()) }),
      10,
    );
    let release: (text: string) => void = () => {};
    output.put(new Promise((resolve) => (release = resolve)));
    output.put(Promise.resolve('b'));
    output.put(Promise.resolve('c'));
    await turn();
    expect(writes).toEqual([]);
    release('a');
    await output.finished();
    expect(writes).toEqual(['abc']);
  });

  it('has no room while the reader is behind, and room again when it caught up', async () => {
    let read: () => void = () => {};
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void (read = done) });
    const output = createOrderedOutput(slow, 10);
    output.put(Promise.resolve('a'));
    await output.finished();
    let free = false;
    void output.room().then(() => (free = true));
    await turn();
    expect(free).toBe(false);
    read();
    await turn();
    await turn();
    expect(free).toBe(true);
  });

  it('has room again when the reader has gone, so that nobody waits forever', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => {} });
    const output = createOrderedOutput(stuck, 10);
    output.put(Promise.resolve('a'));
    await output.finished();
    stuck.destroy();
    await output.room();
    output.put(Promise.resolve('b'));
    await output.finished();
    expect(stuck.destroyed).toBe(true);
  });
});
