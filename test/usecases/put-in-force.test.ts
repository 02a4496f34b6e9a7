/** What is put on record before it decides, and what may not follow what decided before. */
import { expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { createPolicy, DEFAULT_TERMS, type Policy } from '../../src/decisions/policy.ts';
import { hashText } from '../../src/compose/inputs.ts';
import { type RateTable } from '../../src/domain/money.ts';
import { createFold } from '../../src/usecases/fold.ts';
import { changesInForce, requireSameBase } from '../../src/usecases/in-force.ts';
import { putInForce } from '../../src/usecases/put-in-force.ts';
import { anEngine } from '../support/engines.ts';

const policyIn = (rates: RateTable): Policy => createPolicy({ ...DEFAULT_TERMS, rates }, hashText);
const DOLLARS = policyIn({ base: 'USD', rates: { EUR: 1.16 } });
const DEARER = policyIn({ base: 'USD', rates: { EUR: 1.2 } });
const EUROS = policyIn({ base: 'EUR', rates: { USD: 0.86 } });

it('puts a policy with other rates on record, but none that reckons in another currency than the amounts there', async () => {
  const journal = createMemoryJournal();
  const fold = createFold(anEngine());
  const put = (model: string, policy: Policy): Promise<void> =>
    putInForce({ fold, journal, nowMs: () => 1_000 }, { model, policy, actor: 'test' });
  await put('v1', DOLLARS);
  await put('v1', DEARER);
  await expect(put('v2', EUROS)).rejects.toMatchObject({
    code: 'POLICY_INVALID',
    message: expect.stringContaining('base_currency: EUR, but the amounts on record are in USD') as string,
  });
  expect(fold.inForce('model')).toBe('v1');
  expect(journal.head().seq).toBe(3);
});

it('takes a policy on record of which no currency is told for one in any', () => {
  const wanted = { model: 'v1', policy: EUROS, actor: 'test' };
  const [, change] = changesInForce(wanted);
  for (const before of [undefined, 'p1 l1', change!.version])
    expect(() => requireSameBase(before, wanted)).not.toThrow();
  expect(() => requireSameBase('p1 l1 USD', wanted)).toThrow('EUR');
});
