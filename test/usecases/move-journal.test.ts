import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalRecord } from '../../src/journal/record.ts';
import { moveJournal } from '../../src/usecases/move-journal.ts';
import { aCopyOf, bytesOf, DIGESTED } from '../support/journal-copies.ts';
import { recordHistories } from '../support/record-histories.ts';

const drop = (records: readonly JournalRecord[], first: number): readonly JournalRecord[] => records.slice(first);

describe('a journal that is moved', () => {
  it('arrives bit for bit, whatever part of it was there and wherever the writing was interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(recordHistories, fc.nat(), fc.nat(), async (records, there, writes) => {
        const source = aCopyOf(records);
        const target = aCopyOf(records.slice(0, there % (records.length + 1)));
        target.writesLeft = writes % (records.length + 1);
        await moveJournal(source, target, DIGESTED).catch(() => undefined);
        target.writesLeft = Infinity;
        const moved = await moveJournal(source, target, DIGESTED);
        expect(await bytesOf(target)).toEqual(await bytesOf(source));
        expect(moved).toMatchObject({ records: records.length, firstSeq: 1, lastSeq: records.length });
        expect((await moveJournal(source, target, DIGESTED)).written).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  const someRecords = fc.sample(recordHistories.filter((records) => records.length >= 9), 1)[0]!; // prettier-ignore
  const refused = async (source: readonly JournalRecord[], there: readonly JournalRecord[]): Promise<void> => {
    const target = aCopyOf(there);
    await expect(moveJournal(aCopyOf(source), target, DIGESTED)).rejects.toMatchObject({ code: 'USAGE' });
    expect(target.kept).toHaveLength(there.length);
  };

  it('is refused where anything else lies, with nothing written', async () => {
    const other = someRecords.map((record, index) => (index === 3 ? { ...record, arrivalMs: 1 } : record));
    await refused(someRecords, other.slice(0, 6));
    await refused(someRecords.slice(0, 5), someRecords);
    await refused(someRecords, drop(someRecords, 2));
    await refused(drop(someRecords, 5), someRecords.slice(0, 3));
    await refused([], someRecords);
  });

  it('goes on behind an archive that still has the beginning', async () => {
    const target = aCopyOf(someRecords.slice(0, 7));
    const moved = await moveJournal(aCopyOf(drop(someRecords, 4)), target, DIGESTED);
    expect(moved).toMatchObject({ firstSeq: 5, written: someRecords.length - 7 });
    expect(await bytesOf(target)).toEqual(await bytesOf(aCopyOf(someRecords)));
  });

  it('is not said to be moved when what was written does not read the same', async () => {
    const target = aCopyOf();
    const { open } = target;
    const losing = {
      ...target,
      open: async (seq: number) => {
        const sink = await open(seq);
        let writes = 0;
        return { ...sink, write: (frames: Uint8Array) => (++writes === 2 ? Promise.resolve() : sink.write(frames)) };
      },
    };
    await expect(moveJournal(aCopyOf(someRecords), losing, DIGESTED)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
    });
  });
});
