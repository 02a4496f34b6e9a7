/** The journal as every reader finds it: its records in order, and the first place that nobody has filled. */
import { createSecretKey } from 'node:crypto';
import { openSharedKafkaJournal } from '../../../src/adapters/kafka/shared-journal.ts';
import { type JournalRecord } from '../../../src/journal/record.ts';

export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  readonly gap: number | undefined;
}

/** Rejects with JOURNAL_CORRUPT when a record is damaged. */
export async function readJournal(broker: string, journalKey: string): Promise<ReadJournal> {
  const key = createSecretKey(Buffer.from(journalKey, 'hex'));
  const journal = await openSharedKafkaJournal({ brokers: [broker], key, nowMs: Date.now });
  try {
    const records: JournalRecord[] = [];
    for await (const batch of journal.read(1)) records.push(...batch);
    return { records, gap: journal.gap()?.seq };
  } finally {
    await journal.close();
  }
}
