/** A process that says a line for each thing done, killed in the midst of its work. */
import { spawn } from 'node:child_process';

/** Runs `script`, kills it `afterMs` after it first said something, unless it kills itself; returns the whole lines it said. */
export function runUntilKilled(
  script: string,
  parameters: readonly string[],
  afterMs?: number,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (told === '' && afterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), afterMs);
      told += text;
    });
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      // A line is written whole or cut by the kill; what is cut was not told.
      if (signal === 'SIGKILL') resolve(told.split('\n').slice(0, -1));
      else reject(new Error(`${script} ended by itself: ${complaint}`));
    });
  });
}
