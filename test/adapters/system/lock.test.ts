import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { takeLock, thisProcess } from '../../../src/adapters/system/lock.ts';
import { aDirectory } from '../../support/directories.ts';
import { aProcessNotReaped } from '../../support/processes.ts';

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

it.runIf(process.platform === 'linux')('is taken over when its pid belongs to a process of another user by now', () => {
  const directory = aDirectory();
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  onTestFinished(() => kill.mockRestore());
  writeFileSync(join(directory, 'lock'), `${thisProcess()} mine\n`);
  expect(() => takeLock(directory)).toThrow(`in use by process ${process.pid}`);
  writeFileSync(join(directory, 'lock'), `${process.pid} 1 earlier\n`);
  takeLock(directory).release();
});

it.runIf(process.platform === 'linux')(
  'is taken over from a process that was killed, before its parent has noticed',
  async () => {
    const directory = aDirectory();
    const { pid, own, end } = await aProcessNotReaped();
    writeFileSync(join(directory, 'lock'), `${own} killed\n`);
    expect(() => takeLock(directory)).toThrow(`in use by process ${pid}`);
    await end();
    takeLock(directory).release();
  },
);

it('is taken over when it was left empty', () => {
  const directory = aDirectory();
  writeFileSync(join(directory, 'lock'), '');
  takeLock(directory).release();
});
