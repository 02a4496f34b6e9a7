/** What a benchmark starts never outlives it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { aDirectory } from '../support/directories.ts';

const OWN_PROCESS = join(import.meta.dirname, '../../bench/own-process.ts');

it('ends what was started tidily when the benchmark is killed', async () => {
  const directory = join(aDirectory(), 'made');
  mkdirSync(directory);
  const words = ['generate', '--rows', '1000000', '--out', join(directory, 'payments.csv')];
  const program = join(directory, '../benchmark.mjs');
  writeFileSync(
    program,
    `import { startOwn } from ${JSON.stringify(OWN_PROCESS)};
    const child = startOwn(${JSON.stringify(words)}, {});
    child.stderr.once('data', () => console.log(child.pid)); // it is under way`,
  );
  const benchmark = spawn(process.execPath, ['--import', 'tsx', program]);
  onTestFinished(() => void benchmark.kill('SIGKILL'));
  const [said] = (await once(benchmark.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  expect(process.kill(pid, 0)).toBe(true);
  benchmark.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 20_000, interval: 20 });
  expect(readdirSync(directory)).toEqual([]);
}, 60_000);
