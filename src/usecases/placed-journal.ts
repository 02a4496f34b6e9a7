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

/**
 * Appends a record that the store gave its place in `epoch`, and tells the store. Rejects NOT_READY when the store was
 * restored meanwhile: then the record may not count.
 */
export async function appendInEpoch(
  { journal, store }: { readonly journal: PlacedJournal; readonly store: OnlineStore },
  record: JournalRecord,
  epoch: number,
): Promise<void> {
  await journal.append(record, epoch);
  await confirmInEpoch({ store }, record.seq, epoch);
}

/** Tells the store that the record it gave this place in `epoch` is durable; rejects as `appendInEpoch` does. */
export async function confirmInEpoch(
  { store }: { readonly store: OnlineStore },
  seq: number,
  epoch: number,
): Promise<void> {
  await store.confirmPlaced(seq);
  if (store.epoch() !== epoch) throw new SentinelError('NOT_READY', { reason: 'profiles were restored meanwhile' });
}

/** The same for a record’s frame, which must hold one of `type`; returns the record. */
export async function appendPlaced<T extends JournalRecord['type']>(
  deps: { readonly journal: PlacedJournal; readonly store: OnlineStore; readonly codec: ClaimCodec },
  placed: Placed,
  epoch: number,
  type: T,
): Promise<Extract<JournalRecord, { type: T }>> {
  const record = deps.codec.decodePlaced(placed);
  if (record.type !== type) throw new SentinelError('INTERNAL', {}, `a ${record.type} where a ${type} was placed`);
  await appendInEpoch(deps, record, epoch);
  return record as Extract<JournalRecord, { type: T }>; // its type was compared
}
