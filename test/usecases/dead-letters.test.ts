/** Labels given up because their payment never came. */
import { expect, it } from 'vitest';
import { type Label } from '../../src/domain/label.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { createFold } from '../../src/usecases/fold.ts';

it('leave those waiting that came later for the same payment', () => {
  const fold = createFold(
    createFeatureEngine({ catalogue: 'sentinel', labelDelayMs: 0, utcOffsetMinutes: 0, merchantWindows: 'tiles' }),
  );
  let seq = 0;
  const label = (day: number, source: Label['source']): void =>
    fold.apply({
      type: 'label',
      seq: (seq += 1),
      arrivalMs: day * DAY_MS,
      label: { transactionId: 'never seen', isFraud: true, source, arrivalMs: day * DAY_MS },
    });
  const giveUp = (day: number): void => {
    for (const { transactionId: payload } of fold.expiredLabels(day * DAY_MS)) {
      fold.apply({ type: 'dead_letter', seq: (seq += 1), arrivalMs: day * DAY_MS, reason: 'never seen', payload });
    }
  };
  label(0, 'customer');
  label(29, 'analyst');
  giveUp(30);
  expect(fold.waitingLabels('never seen').map(({ source }) => source)).toEqual(['analyst']);
  giveUp(59);
  expect(fold.labels().waiting.size).toBe(0);
});
