import { expect, it } from 'vitest';
import { createMemoryOnlineStore } from '../../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../../src/adapters/memory/shared-world.ts';
import { attend, type Attendance } from '../../../src/compose/shared/attendance.ts';
import { SILENT } from '../../support/shared-worlds.ts';

/** Processes of one store, on a clock that is moved by hand. */
function aWorld() {
  let ms = 0;
  const nowMs = (): number => ms;
  const { state } = createMemoryOnlineStore(createMemoryWorld(nowMs));
  const warned: string[] = [];
  const failures: string[] = [];
  let isCutOff = false;
  return {
    state,
    warned,
    failures,
    pass: (by: number) => (ms += by),
    cutOff: (is: boolean) => (isCutOff = is),
    start: (owner: string, version: string): Attendance =>
      attend({
        state: {
          leave: state.leave,
          attend: (...said) => (isCutOff ? Promise.reject(new Error('Redis does not answer')) : state.attend(...said)),
        },
        owner,
        version,
        nowMs,
        log: { ...SILENT, warn: (_, text) => void warned.push(text) },
        onFailure: ({ message }) => void failures.push(message),
      }),
  };
}

const PATIENCE = { timeout: 5_000 };
const settled = async (promise: Promise<void>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'here',
      (error: Error) => error.message,
    ),
    new Promise<string>((resolve) => setTimeout(() => resolve('waiting'), 50)),
  ]);

it('waits for processes of another version to end, says so once, and begins when they have', async () => {
  const world = aWorld();
  const old = world.start('old', '1');
  await old.begun;
  const fresh = world.start('new', '2');
  await expect.poll(() => world.warned, PATIENCE).toEqual([expect.stringContaining('waiting for them to end')]);
  expect(await settled(fresh.begun)).toBe('waiting');
  await old.stop();
  await fresh.begun;
  expect(world.warned).toHaveLength(1);
  expect(world.failures).toEqual([]);
  await fresh.stop();
  expect(await world.state.attend('third', '3', 1)).toBe(true);
});

it('gives up when another version stays, and has said nothing of itself to those that run', async () => {
  const world = aWorld();
  const old = world.start('old', '1');
  await old.begun;
  const fresh = world.start('new', '2');
  await expect.poll(() => world.warned, PATIENCE).toHaveLength(1);
  for (let second = 0; second < 46; second += 23) {
    world.pass(23_000);
    await world.state.attend('old', '1', 30_000); // still there
  }
  await expect(fresh.begun).rejects.toThrow('stop them all, then start this one');
  expect(await settled(old.begun)).toBe('here');
  expect(world.failures).toEqual([]);
  await Promise.all([fresh.stop(), old.stop()]);
});

it('ends a process that was cut off until another version had begun', async () => {
  const world = aWorld();
  const old = world.start('old', '1');
  await old.begun;
  world.cutOff(true);
  world.pass(31_000);
  await world.state.attend('new', '2', 60_000);
  expect(world.failures).toEqual([]);
  world.cutOff(false);
  await expect.poll(() => world.failures[0], PATIENCE).toContain('another version');
  await old.stop();
});
