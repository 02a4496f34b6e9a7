import { describe, expect, it } from 'vitest';
import { startProcess, type StartedProcess } from '../../../src/adapters/system/start-process.ts';

const start = (data: unknown): StartedProcess =>
  startProcess(new URL('../../support/echoing-process', import.meta.url), data);

/** The next `count` messages of a process. */
function messages(process_: StartedProcess, count: number): Promise<unknown[]> {
  const heard: unknown[] = [];
  return new Promise((resolve) => {
    process_.on('message', (message) => {
      heard.push(message);
      if (heard.length === count) resolve(heard);
    });
  });
}

describe('a process of the program', () => {
  it('is given its data and answers messages with typed arrays, also those sent before it listened', async () => {
    const child = start({ greeting: 'hello' });
    const heard = messages(child, 3);
    child.postMessage(Uint8Array.of(1, 2));
    child.postMessage({ floats: Float64Array.of(0.5) });
    expect(await heard).toEqual([{ greeting: 'hello' }, Uint8Array.of(1, 2), { floats: Float64Array.of(0.5) }]);
    await child.terminate();
  });

  it('is not ended by Ctrl-C but by whoever started it, who hears of its end', async () => {
    const child = start({});
    await messages(child, 1);
    const pid = (await (child.postMessage('pid'), messages(child, 1)))[0] as number;
    process.kill(pid, 'SIGINT');
    const answered = messages(child, 1);
    child.postMessage('still there?');
    expect(await answered).toEqual(['still there?']);
    const ended = new Promise((resolve) => child.onExit(resolve));
    await child.terminate();
    expect(await ended).toBe('SIGKILL');
  });

  it('says why it ended by itself', async () => {
    const child = start({});
    await messages(child, 1);
    const ended = new Promise((resolve) => child.onExit(resolve));
    child.postMessage('exit 3');
    expect(await ended).toBe(3);
  });
});
