/** The state at a start, from a journal that is whole or not. */
import { expect, it } from 'vitest';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { createFold, type Fold } from '../../src/usecases/fold.ts';
import { recoverState, type Recovery } from '../../src/usecases/recover-state.ts';

function aFold(): Fold {
  return createFold(
    createFeatureEngine({ catalogue: 'sentinel', labelDelayMs: 0, utcOffsetMinutes: 0, merchantWindows: 'tiles' }),
  );
}

/** Recovers from a journal that hands out records of these seqs. */
function recovering(fold: Fold, batches: readonly (readonly number[])[]): Promise<Recovery> {
  const records = (seqs: readonly number[]): JournalRecord[] =>
    seqs.map((seq) => ({
      type: 'change',
      seq,
      arrivalMs: seq,
      subject: 'policy',
      version: `p${seq}`,
      actor: 'test',
      after: '',
    }));
  return recoverState({
    fold,
    journal: {
      async *read() {
        for (const batch of batches) yield records(batch);
      },
      head: () => ({ seq: 100, mac: '' }),
      macAt: () => Promise.resolve(undefined),
    },
    snapshots: { newest: () => Promise.resolve(undefined) },
    engineHash: 'engine',
  });
}

it('folds what is there, from wherever retention lets it begin', async () => {
  const fold = aFold();
  expect(await recovering(fold, [[40, 41], [42]])).toEqual({ snapshotSeq: 0, snapshotMac: '', records: 3 });
  expect(fold.position()).toEqual({ seq: 42, arrivalMs: 42 });
});

it('refuses a record that is missing, comes twice or too early', async () => {
  for (const batches of [[[1, 2, 4]], [[1, 2], [4]], [[1, 2, 2]], [[1, 2], [1]]]) {
    await expect(recovering(aFold(), batches)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining('seq 3') as string,
    });
  }
});
