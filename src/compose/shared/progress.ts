/** How far the journal and the ledger have come, as the process that leads tells the others. */
import { SECOND_MS } from '../../domain/time.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type JournalGap } from '../../ports/shared-journal.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type ProjectionLag } from '../../usecases/project-ledger.ts';

export interface SharedProgress {
  readonly head: JournalHead;
  readonly lag: ProjectionLag;
  /** Why nothing is projected. */
  readonly ledgerProblem?: { readonly message: string; readonly remedy?: string };
  /** A payment in doubt; nothing behind it is projected. */
  readonly gap?: JournalGap;
}

/** What was told last; a head that is known stays known while nobody tells of it. */
export interface HeardProgress {
  /** Undefined where nobody leads, or the store does not answer. */
  hear(told: SharedProgress | undefined): void;
  head(): JournalHead;
  /** As told, older by as long as nothing was heard: then nobody is known to project. */
  lag(): ProjectionLag;
  /** Whether the process that leads tells of them. */
  isFollowed(): boolean;
}

export function createHeardProgress(nowMs: () => number): HeardProgress {
  let last: Pick<SharedProgress, 'head' | 'lag'> = { head: { seq: 0, mac: '' }, lag: { records: 0, ms: 0 } };
  let heardMs = nowMs();
  let isSilent = true;
  return {
    hear(told) {
      isSilent = told === undefined;
      if (told === undefined) return;
      last = told;
      heardMs = nowMs();
    },
    isFollowed: () => !isSilent,
    head: () => last.head,
    lag: () => ({ ...last.lag, ms: last.lag.ms + (isSilent ? Math.max(0, nowMs() - heardMs) : 0) }),
  };
}

const NAME = 'progress';
/** Longer than it takes another process to lead. */
const KEPT_MS = 60 * SECOND_MS;

export const tellProgress = (state: SharedState, progress: SharedProgress): Promise<void> =>
  state.tell(NAME, JSON.stringify(progress), KEPT_MS);

/** Undefined while nobody leads. */
export async function toldProgress(state: SharedState): Promise<SharedProgress | undefined> {
  const told = await state.told(NAME);
  return told === undefined ? undefined : (JSON.parse(told) as SharedProgress); // written above
}
