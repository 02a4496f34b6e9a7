/** A payment that the fallback decided is not explained as if its score had. */
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
