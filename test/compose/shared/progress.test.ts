import { expect, it } from 'vitest';
import { createHeardProgress } from '../../../src/compose/shared/progress.ts';

it('keeps the head while nobody tells of it, and lets the lag grow from what was told last', () => {
  let nowMs = 1_000;
  const heard = createHeardProgress(() => nowMs);
  const head = { seq: 12, mac: 'ab' };
  expect(heard.isFollowed()).toBe(false);
  heard.hear({ head, lag: { records: 3, ms: 500 } });
  nowMs += 90_000;
  expect(heard.isFollowed()).toBe(true);
  expect(heard.lag()).toEqual({ records: 3, ms: 500 }); // the answer to the next question is on its way
  heard.hear(undefined);
  expect(heard.isFollowed()).toBe(false);
  expect(heard.head()).toEqual(head);
  expect(heard.lag()).toEqual({ records: 3, ms: 90_500 });
  heard.hear({ head: { seq: 15, mac: 'cd' }, lag: { records: 0, ms: 0 } });
  expect(heard.head().seq).toBe(15);
  expect(heard.lag()).toEqual({ records: 0, ms: 0 });
});

it('takes the lag for the time since the start while nobody has led yet', () => {
  let nowMs = 0;
  const heard = createHeardProgress(() => nowMs);
  nowMs = 70_000;
  expect(heard.lag()).toEqual({ records: 0, ms: 70_000 });
});

it('takes the lag for no less than was told when the clock is set back', () => {
  let nowMs = 3_600_000;
  const heard = createHeardProgress(() => nowMs);
  heard.hear({ head: { seq: 12, mac: 'ab' }, lag: { records: 3, ms: 500 } });
  heard.hear(undefined);
  nowMs = 0;
  expect(heard.lag()).toEqual({ records: 3, ms: 500 });
});
