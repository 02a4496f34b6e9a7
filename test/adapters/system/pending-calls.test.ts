import { expect, it } from 'vitest';
import { createPendingCalls } from '../../../src/adapters/system/pending-calls.ts';

it('gives each caller the answer to its own question, whatever the order', async () => {
  const calls = createPendingCalls<string>();
  const sent: number[] = [];
  const [first, second, third] = ['a', 'b', 'c'].map(() => calls.begin((call) => sent.push(call)));
  expect(new Set(sent).size).toBe(3);
  calls.resolve(sent[1]!, 'second');
  calls.reject(sent[0]!, new Error('first'));
  calls.rejectAll(new Error('gone'));
  calls.resolve(sent[2]!, 'too late');
  await expect(first).rejects.toThrow('first');
  await expect(second).resolves.toBe('second');
  await expect(third).rejects.toThrow('gone');
});

it('fails a call that could not be sent, and knows nothing of it afterwards', async () => {
  const calls = createPendingCalls<string>();
  let number = 0;
  const failed = calls.begin((call) => {
    number = call;
    throw new Error('not sent');
  });
  await expect(failed).rejects.toThrow('not sent');
  calls.resolve(number, 'an answer');
});
