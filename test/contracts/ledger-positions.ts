/** Up to where each source is projected, by which record, and what a batch may do to it; part of the contract of a ledger store. */
import { expect, it } from 'vitest';
import { framesOf } from '../../src/adapters/memory/journal.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { surveyFrames } from '../../src/journal/frame.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';
import { type DecisionRow } from '../../src/ledger/queries.ts';
import { type LedgerStore } from '../../src/ports/ledger-store.ts';
import { aCacheHitRecord, aChangeRecord, aDecisionRecord, aLabelRecord } from '../support/journal-records.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { NOON_MS } from '../support/transactions.ts';

const seqs = (rows: readonly DecisionRow[]): number[] => rows.map(({ seq }) => seq);

export function testPositions(store: () => LedgerStore): void {
  const project = (...records: readonly JournalRecord[]): Promise<unknown> => store().project(batchOf(records));

  it('names the record it stands at, until it is emptied', async () => {
    expect(await store().lastRecord(JOURNAL_SOURCE)).toBeUndefined();
    const batch = batchOf([aDecisionRecord({ seq: 1 }), aDecisionRecord({ seq: 2 })]);
    const { lastSeq, lastChecksum } = surveyFrames(batch.frames);
    await store().project(batch);
    expect(await store().lastRecord(JOURNAL_SOURCE)).toEqual({ seq: lastSeq, checksum: lastChecksum });
    await store().project({ source: JOURNAL_SOURCE, after: 2, upTo: 5, frames: new Uint8Array() });
    expect(await store().lastRecord(JOURNAL_SOURCE)).toBeUndefined();
    await store().reset();
    expect(await store().lastRecord(JOURNAL_SOURCE)).toBeUndefined();
  });

  it('projects several sources side by side, each from its own position', async () => {
    const sources = ['journal-0', 'journal-1', 'journal-2', 'journal-3'];
    const rounds = 12;
    const size = 8;
    await Promise.all(
      sources.map(async (source, place) => {
        for (let round = 0; round < rounds; round++) {
          const records = Array.from({ length: size }, (_, i): JournalRecord => {
            const seq = 1 + place + sources.length * (round * size + i);
            // A label that knows no payment yet, of a payment that another source brings at the same time.
            return i === size - 1 ? aLabelRecord(seq, { transactionId: `t${seq + 1}` }) : aDecisionRecord({ seq });
          });
          await store().project({ source, after: round * 10, upTo: round * 10 + 10, frames: framesOf(records) });
        }
      }),
    );
    for (const source of sources) expect(await store().position(source)).toBe(rounds * 10);
    expect(await store().position(JOURNAL_SOURCE)).toBe(0);
    const { decisions, frauds } = await store().stats(NOON_MS - DAY_MS, NOON_MS + DAY_MS);
    const last = sources.length * rounds * size;
    const isLabel = (seq: number): boolean => seq > 0 && Math.ceil(seq / sources.length) % size === 0;
    const payments = Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !isLabel(seq));
    const labelled = payments.filter((seq) => isLabel(seq - 1));
    expect({ decisions, frauds }).toEqual({ decisions: payments.length, frauds: labelled.length });
    const { rows } = await store().decisions({ isFraud: true, limit: 500 });
    expect(seqs(rows)).toEqual(labelled.reverse());
  });

  it('counts a record once that two sources hold', async () => {
    const decision = aDecisionRecord({ seq: 1, outcome: 'block' });
    const records = [
      decision,
      aCacheHitRecord(2, decision),
      aLabelRecord(3, { transactionId: 't1' }),
      aChangeRecord(4),
    ];
    const frames = (): Uint8Array<ArrayBuffer> => framesOf([...records, ...records]);
    await store().project({ source: 'a', after: 0, upTo: 8, frames: frames() });
    await store().project({ source: 'b', after: 0, upTo: 9, frames: frames() });
    expect(await store().stats(NOON_MS - DAY_MS, NOON_MS + DAY_MS)).toMatchObject({ decisions: 1, cacheHits: 1, frauds: 1, fraudsCaught: 1 }); // prettier-ignore
    expect(await store().labels('t1')).toMatchObject([{ seq: 3, inForce: true }]);
  });

  it('moves a position without records', async () => {
    await store().project({ source: 'a', after: 0, upTo: 5, frames: framesOf([]) });
    expect(await store().position('a')).toBe(5);
  });

  it('skips what is projected already, and moves with every record', async () => {
    await project(aDecisionRecord({ seq: 1 }), aChangeRecord(2));
    await project(aDecisionRecord({ seq: 1 }), aChangeRecord(2));
    await project(aDecisionRecord({ seq: 3 }));
    expect(await store().position(JOURNAL_SOURCE)).toBe(3);
    expect(seqs((await store().decisions({ limit: 9 })).rows)).toEqual([3, 1]);
    await project(aDecisionRecord({ seq: 2 }));
    expect(await store().position(JOURNAL_SOURCE)).toBe(3);
  });

  it('refuses a gap and then holds nothing of the batch', async () => {
    await project(aDecisionRecord({ seq: 1 }));
    await expect(project(aDecisionRecord({ seq: 3 }))).rejects.toThrow(/without a gap/);
    await expect(project(aDecisionRecord({ seq: 1 }), aDecisionRecord({ seq: 2 }))).rejects.toThrow(/without a gap/);
    expect(await store().position(JOURNAL_SOURCE)).toBe(1);
    expect(seqs((await store().decisions({ limit: 9 })).rows)).toEqual([1]);
  });
}
