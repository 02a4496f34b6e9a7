/** What stands in the journal at a place that was taken and can never be filled, as the store was lost that knew by whom. */
import { type DeadLetterRecord, type JournalRecord } from './record.ts';

const REASON = 'a place taken and never filled: the store was lost meanwhile';

/**
 * `throughSeq`: the last record written before the store was restored. Decisions up to there may have read the payment that
 * had the place; no replay can.
 */
export function lostPlace(seq: number, arrivalMs: number, throughSeq: number): DeadLetterRecord {
  return { type: 'dead_letter', seq, arrivalMs, reason: REASON, payload: String(throughSeq) };
}

/** The `throughSeq` of a lost place; undefined for any other record. */
export function lostThrough(record: JournalRecord): number | undefined {
  return record.type === 'dead_letter' && record.reason === REASON ? Number(record.payload) : undefined;
}
