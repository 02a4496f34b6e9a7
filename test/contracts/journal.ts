/** What every journal keeps to, and what a durable one keeps to besides. */
import { afterEach, describe, expect, it } from 'vitest';
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { takeRecords } from '../../src/journal/frame.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type Journal } from '../../src/ports/journal.ts';
import { aDecision, aDecisionOf, aLabelRecord, aRequestHash } from '../support/unplaced-records.ts';

export interface JournalFixture {
  readonly journal: Journal;
  /** Closes and opens again; asked for when the journal is durable. */
  readonly reopen?: () => Promise<Journal>;
  readonly dispose: () => Promise<void>;
}

export async function readAll(journal: Journal, fromSeq = 1): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const batch of journal.read(fromSeq)) records.push(...batch);
  return records;
}

export function describeJournal(
  name: string,
  { durable }: { readonly durable: boolean },
  create: () => Promise<JournalFixture>,
): void {
  describe(`${name} as a journal`, () => {
    let fixture: JournalFixture | undefined;
    const open = async (): Promise<Journal> => (fixture = await create()).journal;
    afterEach(async () => {
      await fixture?.dispose();
      fixture = undefined;
    });

    it('is empty at first', async () => {
      const journal = await open();
      expect(journal.head()).toEqual({ seq: 0, mac: '' });
      expect(journal.nextSeq()).toBe(1);
      expect(journal.knownId('t1')).toBeUndefined();
      expect(await journal.findDecision('t1')).toBeUndefined();
      expect(await readAll(journal)).toEqual([]);
    });

    it('gives consecutive places at once, in the order of the calls', async () => {
      const journal = await open();
      const places = ['a', 'b', 'c'].map((id) => journal.append(aDecisionOf(id)));
      expect(places.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(journal.nextSeq()).toBe(4);
      await Promise.all(places.map(({ committed }) => committed));
      expect(journal.head().seq).toBe(3);
      expect(journal.head().mac).toMatch(/^[0-9a-f]{64}$/);
    });

    it('reads back every record as it was appended, from any place on', async () => {
      const journal = await open();
      const records = [aDecision(), aLabelRecord(), aDecisionOf('b', { rules: ['~shadow'], outcome: 'block' })];
      for (const record of records) await journal.append<JournalRecord>(record).committed;
      const placed = records.map((record, index) => ({ ...record, seq: index + 1 }));
      expect(await readAll(journal)).toEqual(placed);
      expect(await readAll(journal, 3)).toEqual(placed.slice(2));
      expect(await readAll(journal, 4)).toEqual([]);
    });

    it('shows readers and the head committed records only', async () => {
      const journal = await open();
      const { committed } = journal.append(aDecision());
      expect(journal.head().seq).toBe(0);
      expect(await readAll(journal)).toEqual([]);
      await committed;
      expect(await readAll(journal)).toHaveLength(1);
    });

    it('hands a tail every committed record once and in order, however few it takes at a time', async () => {
      const journal = await open();
      const append = async (...names: readonly string[]): Promise<void> => {
        await Promise.all(names.map((name) => journal.append(aDecisionOf(name)).committed));
      };
      await append('a', 'b', 'c', 'd', 'e');
      const tail = journal.tail(2);
      const seqs = async (limit: number): Promise<number[]> =>
        takeRecords(await tail.take(limit), PRIMITIVES).map(({ seq }) => seq);
      expect(await seqs(3)).toEqual([2, 3, 4]);
      await append('f');
      const rest = [...(await seqs(9)), ...(await seqs(9))];
      expect(rest).toEqual([5, 6]);
      expect(await seqs(9)).toEqual([]);
      const { committed } = journal.append(aDecisionOf('g'));
      expect(await seqs(9)).toEqual([]);
      await committed;
      expect(await seqs(9)).toEqual([7]);
      expect(await journal.tail(8).take(1)).toHaveLength(0);
    });

    it('knows an id from the moment of the append, with the hash of its request', async () => {
      const journal = await open();
      journal.append(aLabelRecord());
      journal.append(aDecisionOf('a'));
      expect(journal.knownId('a')).toEqual({ seq: 2, requestHash: aRequestHash('a') });
      expect(journal.knownId('b')).toBeUndefined();
    });

    it('finds a decision by its id, waiting for its commit', async () => {
      const journal = await open();
      journal.append(aDecisionOf('a'));
      const found = journal.findDecision('a');
      expect(journal.head().seq).toBe(0);
      expect(await found).toEqual({ ...aDecisionOf('a'), seq: 1 });
      expect(journal.head().seq).toBe(1);
    });

    it('tells subscribers each committed record once and in order, until they stop', async () => {
      const journal = await open();
      const heard: number[] = [];
      const stop = journal.subscribe((frames, records) => {
        heard.push(...records().map(({ seq }) => seq));
        expect(takeRecords(frames, PRIMITIVES)).toEqual(records());
      });
      await Promise.all(['a', 'b', 'c'].map((id) => journal.append(aDecisionOf(id)).committed));
      await journal.append(aDecisionOf('d')).committed;
      stop();
      await journal.append(aDecisionOf('e')).committed;
      expect(heard).toEqual([1, 2, 3, 4]);
    });

    it('commits what is pending when it is closed and refuses what comes later', async () => {
      const journal = await open();
      const { committed } = journal.append(aDecision());
      await journal.close();
      await committed;
      await expect(journal.append(aDecisionOf('b')).committed).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    });

    if (!durable) return;

    it('goes on where it stopped when it is opened again', async () => {
      const journal = await open();
      await Promise.all(['a', 'b'].map((id) => journal.append(aDecisionOf(id)).committed));
      const head = journal.head();
      const again = await fixture!.reopen!();
      expect(again.head()).toEqual(head);
      expect(again.knownId('b')).toEqual({ seq: 2, requestHash: aRequestHash('b') });
      expect(await again.findDecision('a')).toMatchObject({ seq: 1 });
      expect(again.append(aDecisionOf('c')).seq).toBe(3);
      await again.close();
    });
  });
}
