import { describe, expect, it } from 'vitest';
import { type RecordPlace } from '../../../src/adapters/kafka/find-record.ts';
import { createFindDecided } from '../../../src/compose/shared/find-decided.ts';
import { type LabelState } from '../../../src/ports/shared-state.ts';
import { aDecisionRecord } from '../../support/journal-records.ts';
import { codec } from '../../support/shared-instances.ts';

const record = aDecisionRecord({ seq: 7 });
const decided = { seq: 7, arrivalMs: record.arrivalMs };

function finding(
  given: Partial<LabelState>,
  userId?: string,
): { readonly asked: RecordPlace[]; readonly found: Promise<unknown> } {
  const asked: RecordPlace[] = [];
  const find = createFindDecided({
    state: { labels: () => Promise.resolve({ payment: 'answered', waiting: [], ...given }) },
    codec,
    finder: {
      find(place) {
        asked.push(place);
        return Promise.resolve(place.seq === record.seq ? record : undefined);
      },
      close: () => Promise.resolve(),
    },
    ledger: undefined,
  });
  return { asked, found: find('t7', userId) };
}

describe('a decision looked for by its id', () => {
  it('comes from the store while it keeps the answer', async () => {
    const { asked, found } = finding({ answer: codec.encodeRecord(record, 7), decided });
    expect(await found).toMatchObject({ seq: 7 });
    expect(asked).toEqual([]);
  });

  it('comes from the journal at the place the store knows, whatever the ledger knows', async () => {
    const { asked, found } = finding({ decided });
    expect(await found).toBe(record);
    expect(asked).toEqual([decided]);
    const ofUser = finding({ decided }, 'u1');
    expect(await ofUser.found).toBe(record);
    expect(ofUser.asked).toEqual([{ ...decided, key: 'u1' }]);
  });

  it('is not found while the payment is pending, unknown to all, or another’s', async () => {
    expect(await finding({ payment: 'pending' }).found).toBeUndefined();
    expect(await finding({ payment: 'unknown' }).found).toBeUndefined();
    expect(await finding({ decided: { ...decided, seq: 8 } }).found).toBeUndefined();
  });
});
