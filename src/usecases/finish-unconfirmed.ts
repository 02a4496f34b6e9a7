/** Completes what an instance began and did not live to confirm, so that no payment stays in doubt. */
import { SECOND_MS } from '../domain/time.ts';
import { type Unfinished } from '../ports/online-store.ts';
import { type MessagePlace } from '../journal/record.ts';
import { appendInEpoch, type SharedWriter } from './placed-journal.ts';
import { type SharedLabels } from './record-shared-label.ts';
import { type SharedScoring } from './score-shared-transaction.ts';

/** Longer than any payment takes that is still on its way. */
const UNCONFIRMED_MS = 30 * SECOND_MS;
/** Looked up at a time. */
const BATCH = 256;
/** Finished at a time: each waits for journal and store, and behind an outage there are thousands. */
const TOGETHER = 32;

export interface FinishedReport {
  readonly finished: number;
  /** Payments on record whose message comes again, and then gives their decision; labels whose payment nobody knows. */
  readonly left: number;
  /** What could not be finished here, with the reason; it is tried again, here or elsewhere. */
  readonly failed: readonly { readonly what: string; readonly error: unknown }[];
}

export interface FinishDeps extends SharedWriter {
  readonly scoring: SharedScoring;
  readonly labels: SharedLabels;
  /** Tells of a message whether its end is committed, and with it the decision sent on. */
  readonly finishedMessages: () => Promise<(message: MessagePlace) => boolean>;
}

/** The way to finish what is older than `ageMs`, oldest first; once `signal` aborts nothing more is begun. */
export function createFinishUnconfirmed(
  deps: FinishDeps,
): (ageMs?: number, signal?: AbortSignal) => Promise<FinishedReport> {
  const { store, state, journal, codec, scoring, labels } = deps;
  /** Places of payments that were put on record here in this epoch and left to their messages. */
  let onRecord: { readonly epoch: number; readonly seqs: ReadonlySet<number> } = { epoch: -1, seqs: new Set() };

  const finishPayment = async (
    { transactionId, claim }: Extract<Unfinished, { kind: 'payment' }>,
    epoch: number,
    isFinished: (message: MessagePlace) => Promise<boolean>,
  ): Promise<'finished' | 'left'> => {
    const { message } = codec.decodeClaim(claim.request);
    const isLeft = message !== undefined && !(await isFinished(message));
    if (isLeft && onRecord.epoch === epoch && onRecord.seqs.has(claim.place.seq)) return 'left';
    const { record, confirm } = await scoring.resume(transactionId, claim, epoch);
    await journal.append(record, epoch);
    if (!isLeft) await confirm();
    return isLeft ? 'left' : 'finished';
  };

  const finishLabels = async (transactionId: string): Promise<'finished' | 'left'> => {
    const decision = await labels.decisionOf(transactionId, await state.labels(transactionId));
    if (decision === undefined) return 'left';
    await labels.bind(decision);
    return 'finished';
  };

  const finishOther = async (
    unfinished: Extract<Unfinished, { kind: 'repeat' | 'record' }>,
    epoch: number,
  ): Promise<'finished'> => {
    if (unfinished.kind === 'repeat') await scoring.repeated(unfinished, epoch);
    else await appendInEpoch({ journal, store }, codec.decodePlaced(unfinished.placed), epoch);
    return 'finished';
  };

  return async (ageMs = UNCONFIRMED_MS, signal) => {
    const epoch = store.epoch();
    const failed: { what: string; error: unknown }[] = [];
    const seqs = new Set<number>();
    let left = 0;
    let finished = 0;
    let finishedMessages: ReturnType<FinishDeps['finishedMessages']> | undefined;
    const isFinished = async (message: MessagePlace): Promise<boolean> =>
      (await (finishedMessages ??= deps.finishedMessages()))(message);
    const begin = (unfinished: Unfinished): Promise<'finished' | 'left'> => {
      if (unfinished.kind === 'payment') return finishPayment(unfinished, epoch, isFinished);
      return unfinished.kind === 'labels' ? finishLabels(unfinished.transactionId) : finishOther(unfinished, epoch);
    };
    const finish = async (unfinished: Unfinished): Promise<void> => {
      try {
        if ((await begin(unfinished)) === 'finished') finished += 1;
        else {
          left += 1;
          if (unfinished.kind === 'payment') seqs.add(unfinished.claim.place.seq);
        }
      } catch (error) {
        const what = unfinished.kind === 'record' ? `record ${unfinished.placed.seq}` : `${unfinished.kind} of ${unfinished.transactionId}`; // prettier-ignore
        failed.push({ what, error });
      }
    };
    const isStopped = (): boolean => signal?.aborted === true;
    for (let isMore = true; isMore && !isStopped();) {
      const all = await store.unfinished(ageMs, BATCH, failed.length + left);
      for (let at = 0; at < all.length && !isStopped(); at += TOGETHER) {
        await Promise.all(all.slice(at, at + TOGETHER).map(finish));
      }
      isMore = all.length === BATCH;
    }
    onRecord = { epoch, seqs };
    return { finished, left, failed };
  };
}
