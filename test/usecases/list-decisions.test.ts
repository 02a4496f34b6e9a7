import { describe, expect, it } from 'vitest';
import { createListDecisions } from '../../src/usecases/list-decisions.ts';

describe('a list of decisions', () => {
  it.each([true, false])('says whether it has them all: %s', async (isWhole) => {
    const list = createListDecisions({
      ledger: { decisions: ({ limit }) => Promise.resolve({ rows: [], nextBeforeSeq: limit }) },
      isPastWhole: () => isWhole,
    });
    expect(await list({ limit: 5 })).toEqual({ rows: [], nextBeforeSeq: 5, complete: isWhole });
  });

  it('counts as incomplete when the ledger catches up only while it is asked', async () => {
    let isWhole = false;
    const list = createListDecisions({
      ledger: {
        decisions: () => {
          isWhole = true;
          return Promise.resolve({ rows: [] });
        },
      },
      isPastWhole: () => isWhole,
    });
    expect((await list({ limit: 5 })).complete).toBe(false);
  });
});
