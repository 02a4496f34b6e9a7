/** A payment that the fallback, a rule or a list decided is not explained as if its score had. */
import { expect, it } from 'vitest';
import { command } from '../../../src/cli/commands/explain.ts';

const EXPLAINED = {
  transactionId: 't1',
  decision: 'review',
  modelVersion: 'v20260101_000000',
  probability: 0.0027,
  margin: 0,
  baseMargin: 0,
  isExplained: true,
  contributions: [],
} as const;

it('is said ahead of the score, with the cause', () => {
  expect(command.render({ ...EXPLAINED, fallbackCause: 'deadline' })).toMatch(
    /^t1 was answered by the fallback \(deadline\), not by this score\nt1 \(review\): fraud probability 0\.0027/,
  );
  expect(command.render(EXPLAINED)).toMatch(/^t1 \(review\): /);
});

it('names what fired of the policy, which may have decided whatever the score', () => {
  const shown = command.render({ ...EXPLAINED, decision: 'block', rules: ['block-list:user', '~trial'] });
  expect(shown).toMatch(/^t1 \(block\): .*\nrules and lists that fired .*: block-list:user, ~trial\n/);
  expect(command.render({ ...EXPLAINED, rules: [] })).not.toContain('fired');
});
