import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startProcess } from '../../../src/adapters/system/start-process.ts';
import { startThread } from '../../../src/adapters/system/start-thread.ts';

/** Fields 19 and 41 of stat: the nice value and the policy. Source: proc(5). */
function scheduling(thread: string | number): { readonly nice: number; readonly policy: number } {
  const stat = readFileSync(`/proc/${thread}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { nice: Number(fields[16]), policy: Number(fields[38]) };
}

const SCHED_IDLE = 5;
const hasChrt = (): boolean => {
  try {
    execFileSync('chrt', ['--max'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe.runIf(process.platform === 'linux')('giveWay', () => {
  it('puts the thread that calls behind all others, and no other thread', async () => {
    const before = scheduling(readlinkSync('/proc/thread-self'));
    const worker = startThread(new URL('../../support/yielding-thread', import.meta.url), {});
    const thread = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const { nice, policy } = scheduling(thread);
    if (hasChrt()) expect(policy).toBe(SCHED_IDLE);
    else expect(nice).toBe(19);
    expect(scheduling(readlinkSync('/proc/thread-self'))).toEqual(before);
    await worker.terminate();
  });

  it('lets a process start behind all others, with all its threads, and lose no message', async () => {
    const before = scheduling(process.pid);
    const child = startProcess(new URL('../../support/echoing-process', import.meta.url), {}, { givesWay: true });
    const heard: unknown[] = [];
    child.on('message', (message) => heard.push(message));
    child.postMessage('pid');
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(2);
    const pid = heard[1] as number;
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => scheduling(`${pid}/task/${thread}`));
    if (hasChrt()) expect(new Set(threads.map(({ policy }) => policy))).toEqual(new Set([SCHED_IDLE]));
    else expect(scheduling(pid).nice).toBe(19);
    expect(scheduling(process.pid)).toEqual(before);
    await child.terminate();
  });
});
