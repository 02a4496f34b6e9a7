import { afterEach, expect, it, vi } from 'vitest';
import { createCommitListeners } from '../../../src/adapters/system/commit-listeners.ts';

afterEach(() => void vi.unstubAllGlobals());

it('tells each listener until it stops', () => {
  const listeners = createCommitListeners();
  const frames = Uint8Array.of(1);
  const records = (): [] => [];
  const [first, second] = [vi.fn(), vi.fn()];
  expect(listeners.isEmpty()).toBe(true);
  const stop = listeners.subscribe(first);
  listeners.subscribe(second);
  listeners.tell(frames, records);
  stop();
  listeners.tell(frames, records);
  expect(listeners.isEmpty()).toBe(false);
  expect(first.mock.calls).toEqual([[frames, records]]);
  expect(second).toHaveBeenCalledTimes(2);
});

it('throws what a listener threw once the others have been told', () => {
  const later: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (task: () => void) => later.push(task));
  const listeners = createCommitListeners();
  const second = vi.fn();
  listeners.subscribe(() => {
    throw new Error('the listener’s own');
  });
  listeners.subscribe(second);
  listeners.tell(new Uint8Array(), () => []);
  expect(second).toHaveBeenCalledOnce();
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow('the listener’s own');
});
