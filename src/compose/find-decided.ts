/** Any decision by its id, for an instance that does not hold the journal. */
import { type RecordFinder } from '../adapters/kafka/find-record.ts';
import { SentinelError } from '../domain/errors.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type DecisionRecord } from '../journal/record.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { type SharedState } from '../ports/shared-state.ts';

/**
 * From the store while it keeps the answer, else from the journal, at the place that the ledger tells. Undefined when the id
 * was never answered, or so long ago that the journal has let go of it. Rejects NOT_READY when neither can be asked.
 */
export function createFindDecided(deps: {
  readonly state: SharedState;
  readonly codec: ClaimCodec;
  readonly finder: RecordFinder;
  readonly ledger: Pick<LedgerStore, 'search'> | undefined;
}): (transactionId: string) => Promise<DecisionRecord | undefined> {
  const { state, codec, finder, ledger } = deps;
  return async (transactionId) => {
    const { payment, answer } = await state.labels(transactionId);
    if (payment === 'pending') return undefined;
    if (answer !== undefined) {
      const record = codec.decodeRecord(answer);
      if (record.type === 'decision') return record;
    }
    const [row] = (await ledger?.search(transactionId, 1)) ?? [];
    if (row?.transaction.transactionId !== transactionId) {
      // Answered, so it is no stranger: the ledger is behind, or there is none.
      if (payment === 'answered')
        throw new SentinelError('NOT_READY', { reason: 'its decision is not in the ledger yet' });
      return undefined;
    }
    const { seq, arrivalMs, transaction } = row;
    const record = await finder.find({ seq, arrivalMs, key: transaction.userId });
    return record?.type === 'decision' && record.transaction.transactionId === transactionId ? record : undefined;
  };
}
