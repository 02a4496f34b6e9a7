import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

/** Field 19 of stat: the nice value. Source: proc(5). */
const niceOf = (path: string): number => {
  const stat = readFileSync(path, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
};

describe.runIf(process.platform === 'linux')('giveWay', () => {
  it('lowers the priority of the thread that calls and of no other', async () => {
    const module = new URL('../../../src/adapters/system/give-way.ts', import.meta.url).href;
    const code = `
      const { parentPort } = require('node:worker_threads');
      const { readlinkSync } = require('node:fs');
      require('tsx/esm/api').register();
      import(${JSON.stringify(module)}).then(({ giveWay }) => {
        giveWay();
        parentPort.postMessage(readlinkSync('/proc/thread-self'));
        setInterval(() => undefined, 1_000);
      });`;
    const before = niceOf('/proc/thread-self/stat');
    const worker = new Worker(code, { eval: true });
    const thread = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(niceOf(`/proc/${thread}/stat`)).toBe(19);
    expect(niceOf('/proc/thread-self/stat')).toBe(before);
    await worker.terminate();
  });
});
