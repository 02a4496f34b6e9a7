/** The journal of a data directory, to be proved; a service may be writing it. */
import { join } from 'node:path';
import { newestSnapshotHeader } from '../adapters/segments/snapshot-store.ts';
import { type JournalProblem, type JournalScan, scanJournal } from '../adapters/segments/verify.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type JournalHead } from '../ports/journal.ts';
import { chainKeyOf, DATA } from './data-directory.ts';
import { type JournalEvidence, type TakeRecord } from './journal-evidence.ts';

/** `published`: a head told to the world; that of the newest snapshot without one. Throws JOURNAL_CORRUPT without the key. */
export async function segmentEvidence(dataDir: string, published?: JournalHead): Promise<JournalEvidence> {
  const key = await chainKeyOf(dataDir);
  const snapshot = await newestSnapshotHeader(join(dataDir, DATA.snapshots), key);
  const told = published ?? (snapshot?.place === undefined ? snapshot : undefined); // one with a place is of a topic
  const scan = (
    take: TakeRecord,
    onProblem: (problem: JournalProblem) => void,
    throughSeq?: number,
  ): Promise<JournalScan> => {
    let waiting: JournalRecord[] = [];
    return scanJournal({
      directory: join(dataDir, DATA.journal),
      key,
      ...(told !== undefined && { published: told }),
      ...(throughSeq !== undefined && { throughSeq }),
      onProblem,
      onRecord: (record) => void waiting.push(record),
      onSegment: async () => {
        const records = waiting;
        waiting = [];
        for (const record of records) await take(record);
      },
    });
  };
  return {
    inspect: scan,
    replay: async (throughSeq, take) => void (await scan(take, () => undefined, throughSeq)),
  };
}
