/** The executable as a process: what signals and a reader that goes away do to work that is under way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { aDirectory } from '../support/directories.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

interface Started {
  readonly child: ChildProcess;
  /** Its exit code and the signal that ended it, once it is gone. */
  readonly ended: Promise<unknown[]>;
  /** All that it has said for people. */
  readonly said: () => string;
}

function start(words: readonly string[]): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, ended: once(child, 'close'), said: () => text };
}

/** Resolves once the command has said `begun`. */
async function started(words: readonly string[], begun: string): Promise<Started> {
  const command = start(words);
  await vi.waitFor(() => expect(command.said()).toContain(begun), { timeout: 50_000, interval: 20 });
  return command;
}

const generate = (directory: string, rows: number): readonly string[] => {
  return ['generate', '--rows', String(rows), '--users', '200', '--out', join(directory, 'payments.csv')];
};

/** Makes a file of payments in `directory`, some of which are written. */
const generating = (directory: string): Promise<Started> => started(generate(directory, 1_000_000), 'generate: ');

describe('the executable', () => {
  it('ends tidily when a hang-up comes behind another signal, as when npm goes with its terminal', async () => {
    const directory = aDirectory();
    const { child, ended, said } = await generating(directory);
    child.kill('SIGTERM');
    await delay(5); // of two that wait, the system may tell the second first
    child.kill('SIGHUP');
    expect(await ended).toEqual([130, null]);
    expect(said()).toMatch(/sentinel generate: interrupted\n$/);
    expect(readdirSync(directory)).toEqual([]);
  }, 60_000);

  it('leaves no draft behind when it is asked twice, and does not wait then', async () => {
    const directory = aDirectory();
    const { child, ended } = await generating(directory);
    child.kill('SIGINT');
    await delay(5);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(readdirSync(directory)).toEqual([]);
  }, 60_000);

  it('finishes its work when nobody reads any more what it says meanwhile', async () => {
    const directory = aDirectory();
    const { child, ended } = start(generate(directory, 300_000)); // so many that it tells of them on the way
    child.stderr!.destroy();
    expect(await ended).toEqual([0, null]);
    expect(readdirSync(directory)).toEqual(['payments.csv']);
  }, 60_000);

  it('hears a signal while it computes', async () => {
    const { child, ended } = await started(
      ['bench', 'replay', '--users', '3000000', '--models-dir', aDirectory()],
      'generating',
    );
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
  }, 60_000);
});
