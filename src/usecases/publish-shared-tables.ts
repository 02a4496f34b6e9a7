/** Slow tables where instances share everything: one that leads follows the journal and publishes them for all. */
import { HOUR_MS } from '../domain/time.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type Fold, LABEL_WAIT_MS } from './fold.ts';
import { appendPlaced, recordPlain, type SharedWriter } from './placed-journal.ts';

/** Labels given up at a time. */
const BATCH = 256;

export interface SharedTablesDeps extends SharedWriter {
  /** Follows the journal: holds every record before the one given, and none behind it. */
  readonly fold: Fold;
  readonly nowMs: () => number;
}

/**
 * Called with each record of the journal in order of `seq`, before it is folded. The first of an hour makes the tables of
 * all records that arrived before that hour due; whoever was faster has published them already, and then nothing is
 * done. Tables of an hour that is over, or of which `fold` holds a record already, are left out. True when tables were
 * published.
 */
export async function publishSharedTables(deps: SharedTablesDeps, record: JournalRecord): Promise<boolean> {
  const { fold, state } = deps;
  const hourMs = Math.floor(record.arrivalMs / HOUR_MS) * HOUR_MS;
  if (record.type === 'tables' || deps.nowMs() - hourMs >= HOUR_MS) return false;
  if (fold.position().arrivalMs >= hourMs) return false; // a replay could not tell which records the tables hold
  const due = fold.engine.tablesDue(hourMs);
  if (due === undefined || due.version <= (await state.tablesVersion())) return false;
  const place = await recordPlain(deps, { type: 'tables', ...due }, { tables: due.version });
  if (place === undefined) return false;
  await giveUpLabels(deps, place.arrivalMs - LABEL_WAIT_MS);
  return true;
}

/** Labels that have waited for their payment since before `arrivalMs` become dead letters; younger ones go on waiting. */
async function giveUpLabels(deps: SharedTablesDeps, arrivalMs: number): Promise<void> {
  const { state, codec } = deps;
  for (const transactionId of await state.waitingSince(arrivalMs, BATCH)) {
    const given = await state.labels(transactionId);
    if (given.payment !== 'unknown') continue;
    const epoch = deps.store.epoch();
    const frame = codec.encodeRecord(
      { type: 'dead_letter', arrivalMs: 0, reason: 'label for a payment never seen', payload: transactionId },
      0,
    );
    const left = given.waiting.filter((waiting) => waiting.arrivalMs > arrivalMs);
    const place = await state.placeLabel({ transactionId, given, frame, becomes: 'nothing', left });
    if (typeof place === 'object') await appendPlaced(deps, { ...place, frame }, epoch, 'dead_letter');
  }
}
