import fc from 'fast-check';
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

it('keeps calls apart, however many are open and however long some of them stay so', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 2_000, size: 'max' }), async (choices) => {
      const calls = createPendingCalls<string>();
      const open: { readonly call: number; readonly answer: Promise<string> }[] = [];
      const begin = (): void => {
        let number = 0;
        const answer = calls.begin((call) => (number = call));
        open.push({ call: number, answer });
      };
      for (const choice of choices) {
        if (open.length === 0 || choice % 3 > 0) begin();
        else {
          const [{ call, answer }] = open.splice(choice % open.length, 1) as [(typeof open)[number]];
          calls.resolve(call, `of ${call}`);
          expect(await answer).toBe(`of ${call}`);
        }
      }
      expect(new Set(open.map(({ call }) => call)).size).toBe(open.length);
      for (const { call } of open) calls.resolve(call, `of ${call}`);
      expect(await Promise.all(open.map(({ answer }) => answer))).toEqual(open.map(({ call }) => `of ${call}`));
    }),
    { numRuns: 20 },
  );
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
