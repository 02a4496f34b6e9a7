/** Processes whose parent never asks how they ended, as those of a supervisor that was killed with them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, vi } from 'vitest';

export interface ProcessNotReaped {
  readonly pid: number;
  /** As it names itself in a lock: adapters/system/lock.ts. */
  readonly own: string;
  /** Kills it; it is a zombie then, until the test is over. */
  end(): Promise<void>;
}

/** Linux only. */
export async function aProcessNotReaped(): Promise<ProcessNotReaped> {
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(said);
  const stat = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  onTestFinished(() => void parent.kill('SIGKILL'));
  // As long as it is a shell it may still ask.
  await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'), { timeout: 5_000 });
  return {
    pid,
    own: `${pid} ${stat()[21]}`,
    async end() {
      process.kill(pid, 'SIGKILL');
      await vi.waitFor(() => expect(stat()[2]).toBe('Z'), { timeout: 5_000 });
    },
  };
}
