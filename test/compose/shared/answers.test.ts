import { expect, it } from 'vitest';
import { watchAnswers } from '../../../src/compose/shared/answers.ts';

const soon = { timeout: 2_000, interval: 5 };

it('tells of servers that answer no more, though nobody sends them anything, and of their return', async () => {
  let now = 0;
  let ask = (): Promise<unknown> => Promise.resolve();
  let asked = 0;
  const watch = watchAnswers({
    ask: () => {
      asked += 1;
      return ask();
    },
    nowMs: () => now,
    askMs: 1,
    silentMs: 10,
  });
  await expect.poll(() => asked, soon).toBeGreaterThan(1);
  expect(watch.isAnswering()).toBe(true);

  ask = () => Promise.reject(new Error('refused'));
  const before = asked;
  await expect.poll(() => asked, soon).toBeGreaterThan(before + 1);
  expect(watch.isAnswering()).toBe(true); // one that restarts is back in seconds
  now += 11;
  expect(watch.isAnswering()).toBe(false);

  ask = () => Promise.resolve();
  await expect.poll(watch.isAnswering, soon).toBe(true);
  await watch.stop();
});

it('takes servers that leave a question open for silent', async () => {
  let now = 0;
  const watch = watchAnswers({ ask: () => new Promise(() => undefined), nowMs: () => now, askMs: 1, silentMs: 10 });
  expect(watch.isAnswering()).toBe(true);
  now += 11;
  expect(watch.isAnswering()).toBe(false);
});
