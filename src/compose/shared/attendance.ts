/** Says that this process is here, so that no other version takes the profiles from under it. */
import { SentinelError } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { type Log } from '../../ports/log.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { repeat } from './repeat.ts';

const SAY_MS = SECOND_MS;
/** How long a process counts as here that says so no longer: it was killed, or is cut off. */
const HERE_MS = 30 * SECOND_MS;
/** How long others may take to end; one that was killed just now is thought to be here till then. */
const PATIENCE_MS = HERE_MS + 15 * SECOND_MS;

const OTHERS =
  'instances or workers of another version run on these profiles, and each version takes the profiles of the other for lost: ' +
  'stop them all, then start this one';

export interface AttendanceDeps {
  readonly state: Pick<SharedState, 'attend' | 'leave'>;
  readonly owner: string;
  readonly version: string;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Another version has come while nothing was heard of this process. */
  readonly onFailure: (error: Error) => void;
}

export interface Attendance {
  /** Resolves when no other version is here; rejects CONFIG_INVALID when one stays. */
  readonly begun: Promise<void>;
  stop(): Promise<void>;
}

export function attend({ state, owner, version, nowMs, log, onFailure }: AttendanceDeps): Attendance {
  const sinceMs = nowMs();
  let isHere = false;
  let isWaiting = false;
  let begin: { resolve(): void; reject(error: unknown): void } | undefined;
  const begun = new Promise<void>((resolve, reject) => (begin = { resolve, reject }));
  begun.catch(() => undefined); // whoever waits hears of it

  const say = async (): Promise<void> => {
    if (await state.attend(owner, version, HERE_MS)) {
      isHere = true;
      begin?.resolve();
      return;
    }
    const failure = new SentinelError('CONFIG_INVALID', { problems: OTHERS });
    if (isHere) onFailure(failure);
    else if (nowMs() - sinceMs > PATIENCE_MS) begin?.reject(failure);
    else if (!isWaiting) {
      isWaiting = true;
      log.warn({}, 'instances or workers of another version are here; waiting for them to end');
    }
  };
  const saying = repeat(SAY_MS, say, () => undefined); // a store out of reach is told by whoever needs it
  return {
    begun,
    async stop() {
      await saying.stop();
      await state.leave(owner).catch(() => undefined); // then it counts as here a while longer
    },
  };
}
