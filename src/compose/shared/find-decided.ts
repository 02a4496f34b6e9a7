/** Any decision by its id, for an instance that does not hold the journal. */
import { type RecordFinder, type RecordPlace } from '../../adapters/kafka/find-record.ts';
import { type ClaimCodec } from '../../journal/claim-bytes.ts';
import { type DecisionRecord } from '../../journal/record.ts';
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { type SharedState } from '../../ports/shared-state.ts';

/**
 * From the store while it keeps the answer, else from the journal: at the place that the store knows as long as it knows the
 * id, so that nobody waits for a ledger that is behind or away; at the place that the ledger tells afterwards. Undefined when
 * the id was never answered, or so long ago that the journal has let go of it. Rejects NOT_READY when none can be asked.
 * Knowing the user makes the search in the journal shorter.
 */
export function createFindDecided(deps: {
  readonly state: Pick<SharedState, 'labels'>;
  readonly codec: ClaimCodec;
  readonly finder: RecordFinder;
  readonly ledger: Pick<LedgerStore, 'search'> | undefined;
}): (transactionId: string, userId?: string) => Promise<DecisionRecord | undefined> {
  const { state, codec, finder, ledger } = deps;

  const placeInLedger = async (transactionId: string): Promise<RecordPlace | undefined> => {
    const [row] = (await ledger?.search(transactionId, 1)) ?? [];
    if (row?.transaction.transactionId !== transactionId) return undefined;
    const { seq, arrivalMs, transaction } = row;
    return { seq, arrivalMs, key: transaction.userId };
  };

  return async (transactionId, userId) => {
    const { payment, answer, decided } = await state.labels(transactionId);
    if (payment === 'pending') return undefined;
    if (answer !== undefined) {
      const record = codec.decodeRecord(answer);
      if (record.type === 'decision') return record;
    }
    const place = decided === undefined ? await placeInLedger(transactionId) : { ...decided, ...(userId !== undefined && { key: userId }) }; // prettier-ignore
    const record = place && (await finder.find(place));
    return record?.type === 'decision' && record.transaction.transactionId === transactionId ? record : undefined;
  };
}
