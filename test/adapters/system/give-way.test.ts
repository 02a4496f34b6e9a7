import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startThread } from '../../../src/adapters/system/start-thread.ts';

/** Fields 19 and 41 of stat: the nice value and the policy. Source: proc(5). */
function scheduling(thread: string): { readonly nice: number; readonly policy: number } {
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
});
