/** Whether what a ledger holds came from this journal: told by the record that both have at the ledger’s position. */
import { SentinelError } from '../domain/errors.ts';
import { surveyFrames } from '../journal/frame.ts';
import { JOURNAL_SOURCE } from '../ledger/source.ts';
import { type Journal } from '../ports/journal.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';

export interface SameJournalDeps {
  readonly journal: Pick<Journal, 'head' | 'tail'>;
  readonly ledger: Pick<LedgerStore, 'lastRecord'>;
  /** Where each of them is, for the words of the error. */
  readonly places: { readonly ledger: string; readonly journal: string };
}

const hex = (checksum: number): string => checksum.toString(16).padStart(8, '0');

/**
 * Throws LEDGER_OF_ANOTHER_JOURNAL when the ledger stands at `position` and the journal is shorter, or has another record
 * there. A record that one of them does not know any more proves nothing.
 */
export async function requireSameJournal(
  { journal, ledger, places }: SameJournalDeps,
  position: number,
): Promise<void> {
  const refuse = (problem: string): never => {
    throw new SentinelError('LEDGER_OF_ANOTHER_JOURNAL', { ...places, problem });
  };
  const head = journal.head().seq;
  if (position > head) refuse(`the ledger ends at record ${position}, the journal at ${head}`);
  const held = await ledger.lastRecord(JOURNAL_SOURCE);
  if (held === undefined || held.seq > head) return; // the next attempt asks again
  const frames = await journal.tail(held.seq).take(1);
  if (frames.length === 0) return;
  const found = surveyFrames(frames);
  if (found.lastSeq !== held.seq || found.lastChecksum === held.checksum) return;
  refuse(
    `record ${held.seq} has the checksum ${hex(held.checksum)} in the ledger and ${hex(found.lastChecksum)} in the journal`,
  );
}
