import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startWriteBack } from '../../../src/adapters/postgres/write-back.ts';
import { aDirectory } from '../../support/directories.ts';

/** Longer than the kernel's clock of files stands still. */
const STEP_MS = 30;

it('syncs the files that have changed, once each, when it is told that something was written', async () => {
  const directory = aDirectory();
  const inside = (name: string): string => join(directory, name);
  mkdirSync(inside('base'));
  for (const name of ['log', 'base/1', 'base/2']) writeFileSync(inside(name), 'before');
  let synced: string[] = [];
  const take = (): string[] => {
    const taken = synced;
    synced = [];
    return taken.sort();
  };
  const noteWritten = startWriteBack(directory, (path) => {
    synced.push(path);
    return Promise.resolve();
  });
  const untilSynced = (count: number): Promise<unknown> => expect.poll(() => synced).toHaveLength(count);

  noteWritten();
  await untilSynced(3);
  expect(take()).toEqual([inside('base/1'), inside('base/2'), inside('log')]);

  await pause(STEP_MS);
  appendFileSync(inside('base/2'), 'more');
  noteWritten();
  await untilSynced(1);
  expect(take()).toEqual([inside('base/2')]);

  await pause(STEP_MS);
  appendFileSync(inside('log'), 'more');
  await pause(600);
  expect(take()).toEqual([]); // nobody told it
  noteWritten();
  await untilSynced(1);
  expect(take()).toEqual([inside('log')]);
});

it('goes on when a file cannot be synced, and when all are gone', async () => {
  const directory = join(aDirectory(), 'pgdata');
  mkdirSync(directory);
  const path = join(directory, 'log');
  writeFileSync(path, 'before');
  let tries = 0;
  const noteWritten = startWriteBack(directory, () => {
    tries += 1;
    return Promise.reject(new Error('gone'));
  });
  noteWritten();
  await expect.poll(() => tries).toBe(1);
  rmSync(directory, { recursive: true });
  noteWritten();
  await pause(600);
  mkdirSync(directory);
  writeFileSync(path, 'anew');
  noteWritten();
  await expect.poll(() => tries).toBe(2);
});
