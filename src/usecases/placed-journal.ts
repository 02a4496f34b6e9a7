/** The journal where places are given elsewhere: each record brings its own along. */
import { SentinelError } from '../domain/errors.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type OnlineStore, type Placed } from '../ports/online-store.ts';

/** What an epoch appends after the next one has begun to read does not count. */
export interface PlacedJournal {
  /** Durable on return; a record appended again changes nothing. Rejects JOURNAL_UNAVAILABLE. */
  append(record: JournalRecord, epoch: number): Promise<void>;
}

/** Appends a record that the store has given its place and tells the store; returns it. */
export async function appendPlaced<T extends JournalRecord['type']>(
  {
    journal,
    store,
    codec,
  }: { readonly journal: PlacedJournal; readonly store: OnlineStore; readonly codec: ClaimCodec },
  placed: Placed,
  type: T,
): Promise<Extract<JournalRecord, { type: T }>> {
  const record = codec.decodePlaced(placed);
  if (record.type !== type) throw new SentinelError('INTERNAL', {}, `a ${record.type} where a ${type} was placed`);
  await journal.append(record, store.epoch());
  await store.confirmPlaced(placed.seq);
  return record as Extract<JournalRecord, { type: T }>; // its type was compared
}
