/** Completes what an instance began and did not live to confirm, so that no payment stays in doubt. */
import { SECOND_MS } from '../domain/time.ts';
import { type OnlineStore, type Unfinished } from '../ports/online-store.ts';
import { type SharedState } from '../ports/shared-state.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { appendInEpoch, type PlacedJournal } from './placed-journal.ts';
import { type SharedLabels } from './record-shared-label.ts';
import { type SharedScoring } from './score-shared-transaction.ts';

/** Longer than any payment takes that is still on its way. */
const UNCONFIRMED_MS = 30 * SECOND_MS;
/** Taken up at a time. */
const BATCH = 256;

export interface FinishedReport {
  readonly finished: number;
  /** What could not be finished here, with the reason; it is tried again, here or elsewhere. */
  readonly failed: readonly { readonly what: string; readonly error: unknown }[];
}

/** Finishes what is older than `ageMs`, oldest first. */
export async function finishUnconfirmed(
  deps: {
    readonly store: OnlineStore;
    readonly state: SharedState;
    readonly journal: PlacedJournal;
    readonly codec: ClaimCodec;
    readonly scoring: SharedScoring;
    readonly labels: SharedLabels;
  },
  ageMs = UNCONFIRMED_MS,
): Promise<FinishedReport> {
  const { store, state, journal, codec, scoring, labels } = deps;

  const finish = async (unfinished: Unfinished): Promise<unknown> => {
    switch (unfinished.kind) {
      case 'payment':
        return scoring.finish(unfinished.transactionId, unfinished.claim, epoch);
      case 'repeat':
        return scoring.repeated(unfinished, epoch);
      case 'labels': {
        const { transactionId } = unfinished;
        const decision = await labels.decisionOf(transactionId, await state.labels(transactionId));
        return decision === undefined ? undefined : labels.bind(decision);
      }
      case 'record':
        return appendInEpoch({ journal, store }, codec.decodePlaced(unfinished.placed), epoch);
    }
  };

  const epoch = store.epoch();
  const failed: { what: string; error: unknown }[] = [];
  const all = await store.unfinished(ageMs, BATCH);
  for (const unfinished of all) {
    try {
      await finish(unfinished);
    } catch (error) {
      const what = unfinished.kind === 'record' ? `record ${unfinished.placed.seq}` : `${unfinished.kind} of ${unfinished.transactionId}`; // prettier-ignore
      failed.push({ what, error });
    }
  }
  return { finished: all.length - failed.length, failed };
}
