/** Holds a role as long as it is granted: one process at a time does the work, and stops at once when it may no longer. */
import { randomUUID } from 'node:crypto';
import { SECOND_MS } from '../../domain/time.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { repeat, type Repeated } from './repeat.ts';

/** How long a role is granted, and how often it is asked for again. */
const GRANTED_MS = 10 * SECOND_MS;
const ASK_MS = 2 * SECOND_MS;

export interface Work {
  /** Rejects when the work cannot go on: it is stopped, and begun again while the role is held. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export function lead(deps: {
  readonly state: Pick<SharedState, 'lead'>;
  readonly role: string;
  readonly begin: () => Promise<Work>;
  readonly onError: (error: unknown) => void;
  /** A clock that is set forward must not end a grant, nor one that is set back prolong it. */
  readonly monotonicUs: () => number;
  readonly grantedMs?: number;
  readonly askMs?: number;
}): Repeated {
  const { state, role, grantedMs: forMs = GRANTED_MS, askMs = ASK_MS } = deps;
  const owner = randomUUID();
  const monotonicMs = (): number => deps.monotonicUs() / 1_000;
  let grantedMs = -Infinity;
  let work: Promise<Work> | undefined;

  const end = async (): Promise<void> => {
    const ending = work;
    work = undefined;
    await (await ending?.catch(() => undefined))?.stop(); // one that did not begin was told of
  };

  const begin = (): void => {
    const begun = deps.begin();
    work = begun;
    begun
      .then(({ failed }) => failed)
      .catch(async (error: unknown) => {
        if (work !== begun) return; // it was stopped, and its end is no news
        deps.onError(error);
        await end();
      })
      .catch(deps.onError);
  };

  const asking = repeat(
    askMs,
    async () => {
      const askedMs = monotonicMs();
      try {
        if ((await state.lead(role, owner, forMs)) === undefined) grantedMs = -Infinity;
        else grantedMs = askedMs;
      } finally {
        if (monotonicMs() - grantedMs >= forMs) await end();
        else if (work === undefined) begin();
      }
    },
    () => undefined, // while the store is away nobody is granted anything
  );
  return {
    async stop() {
      await asking.stop();
      await end();
    },
  };
}
