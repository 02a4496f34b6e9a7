import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { takeLock } from '../../../src/adapters/system/lock.ts';
import { aDirectory } from '../../support/directories.ts';

it('is held by one at a time and free again after its release', () => {
  const directory = aDirectory();
  const lock = takeLock(directory);
  expect(() => takeLock(directory)).toThrow(`${directory} is in use by process ${process.pid}`);
  lock.release();
  takeLock(directory).release();
  expect(readdirSync(directory)).toEqual([]);
});

it('is taken over from a process that is gone', () => {
  const directory = aDirectory();
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(directory, 'lock'), `${pid} 12345 gone\n`);
  const lock = takeLock(directory);
  expect(readFileSync(join(directory, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  lock.release();
});

it.runIf(process.platform === 'linux')('is taken over when its pid belongs to another process by now', () => {
  const directory = aDirectory();
  writeFileSync(join(directory, 'lock'), `${process.pid} 1 earlier\n`);
  takeLock(directory).release();
});

it.runIf(process.platform === 'linux')(
  'is taken over from a process that was killed, before its parent has noticed',
  async () => {
    const directory = aDirectory();
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const stat = (): string[] => readFileSync(`/proc/${Number(said)}/stat`, 'utf8').split(' ');
    writeFileSync(join(directory, 'lock'), `${Number(said)} ${stat()[21]} killed\n`);
    expect(() => takeLock(directory)).toThrow(`in use by process ${Number(said)}`);
    await vi.waitFor(() => expect(stat()[2]).toBe('Z'), { timeout: 5_000 });
    takeLock(directory).release();
    parent.kill('SIGKILL');
  },
);

it('is taken over when it was left empty', () => {
  const directory = aDirectory();
  writeFileSync(join(directory, 'lock'), '');
  takeLock(directory).release();
});
