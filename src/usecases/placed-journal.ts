/** The journal where places are given elsewhere: each record brings its own along. */
import { SentinelError } from '../domain/errors.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type JournalRecord, type Unplaced } from '../journal/record.ts';
import { type OnlineStore, type Place, type Placed } from '../ports/online-store.ts';
import { type PlainRecord, type SharedState } from '../ports/shared-state.ts';

/** What an epoch appends after the next one has begun to read does not count. */
export interface PlacedJournal {
  /** Durable on return; a record appended again changes nothing. Rejects JOURNAL_UNAVAILABLE. */
  append(record: JournalRecord, epoch: number): Promise<void>;
}

/** What instances that share everything record through. */
export interface SharedWriter {
  readonly store: OnlineStore;
  readonly state: SharedState;
  readonly journal: PlacedJournal;
  readonly codec: ClaimCodec;
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
  await store.confirmPlaced(record.seq, epoch);
}

/** The same for a record’s frame, which must hold one of `type`. */
export async function appendPlaced(
  deps: Pick<SharedWriter, 'journal' | 'store' | 'codec'>,
  placed: Placed,
  epoch: number,
  type: JournalRecord['type'],
): Promise<void> {
  const record = deps.codec.decodePlaced(placed);
  if (record.type !== type) throw new SentinelError('INTERNAL', {}, `a ${record.type} where a ${type} was placed`);
  await appendInEpoch(deps, record, epoch);
}

/** Records what touches no profile, at the place it resolves to; undefined when what it was `given` on is no longer so. */
export async function recordPlain(
  deps: SharedWriter,
  record: Unplaced,
  given: Omit<PlainRecord, 'frame'> = {},
): Promise<Place | undefined> {
  const epoch = deps.store.epoch();
  const frame = deps.codec.encodeRecord(record, 0);
  const place = await deps.state.place({ frame, ...given });
  if (place !== undefined) await appendPlaced(deps, { ...place, frame }, epoch, record.type);
  return place;
}
