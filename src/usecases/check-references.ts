/** Whether the records of a journal name each other rightly: one decision an id, repeats and labels of that decision. */
import { type JournalRecord } from '../journal/record.ts';
import { type Difference } from './verify-parity.ts';

/** A Map ends at 2^24 entries; ids are spread over so many. */
const SHARDS = 64;

/** Give it every record in order; it returns what is wrong with one. Some 100 bytes of memory a decision. */
export function createReferenceCheck(): (record: JournalRecord) => Difference | undefined {
  const shards = Array.from({ length: SHARDS }, () => new Map<string, number>());
  const shardOf = (id: string): Map<string, number> => {
    let sum = id.length;
    for (let at = 0; at < id.length; at++) sum = (Math.imul(sum, 31) + id.charCodeAt(at)) | 0;
    return shards[sum & (SHARDS - 1)]!;
  };

  let firstSeq: number | undefined;

  const compare = (record: JournalRecord, transactionId: string, named: number): Difference | undefined => {
    const decided = shardOf(transactionId).get(transactionId);
    const isBeforeJournal = decided === undefined && named < firstSeq!;
    if (decided === named || isBeforeJournal) return undefined;
    const recomputed = decided === undefined ? 'not decided yet' : String(decided);
    return { seq: record.seq, transactionId, field: 'seq of the decision', recorded: String(named), recomputed };
  };

  return (record) => {
    firstSeq ??= record.seq;
    if (record.type === 'cache_hit') return compare(record, record.transactionId, record.decisionSeq);
    if (record.type === 'label') {
      return record.payment && compare(record, record.label.transactionId, record.payment.seq);
    }
    if (record.type !== 'decision') return undefined;
    const { transactionId } = record.transaction;
    const shard = shardOf(transactionId);
    if (shard.has(transactionId)) {
      return { seq: record.seq, transactionId, field: 'transaction_id', recorded: 'decided again', recomputed: 'once' };
    }
    shard.set(transactionId, record.seq);
    return undefined;
  };
}
