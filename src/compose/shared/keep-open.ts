/** Sees that the shared store is open: restores it from the journal whenever it says that it must be, one process at a time. */
import { SentinelError } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { type Log } from '../../ports/log.ts';
import { type OnlineStore } from '../../ports/online-store.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type restoreWhenNeeded } from '../../usecases/restore-online-store.ts';
import { repeat, type Repeated } from './repeat.ts';

/** How often the store is asked how it is. */
const LOOK_MS = SECOND_MS;
/** What is written to see whether anything can be, and how long it stays. */
const PROBE = 'probe';
const PROBE_MS = 60 * SECOND_MS;
const RESTORING = 'profiles are being restored';
/** What no waiting mends. */
const FINAL = ['CONFIG_INVALID', 'POLICY_INVALID', 'JOURNAL_CORRUPT'];

export interface KeepOpenDeps {
  readonly store: OnlineStore;
  readonly state: SharedState;
  readonly restore: () => ReturnType<typeof restoreWhenNeeded>;
  /** The store is open in an epoch that this process has not met; `restoredHere` when it was this process that opened it. */
  readonly onOpened: (restoredHere: boolean) => Promise<void>;
  readonly onFailure: (error: Error) => void;
  readonly log: Log;
}

export interface KeptOpen extends Repeated {
  /** Resolves when the store is open for the first time; rejects with what no waiting mends. */
  readonly opened: Promise<void>;
  isOpen(): boolean;
  /** Why payments are refused: it is not open, or, full or made a replica, takes no writes. Undefined while they are taken. */
  refusal(): string | undefined;
}

export function keepOpen(deps: KeepOpenDeps): KeptOpen {
  const { store, state, log } = deps;
  let metEpoch = 0;
  let isOpen = false;
  let refusal: string | undefined = RESTORING;
  let begun: { resolve(): void; reject(error: unknown): void } | undefined;
  const opened = new Promise<void>((resolve, reject) => (begun = { resolve, reject }));
  opened.catch(() => undefined); // whoever waits hears of it

  const look = async (): Promise<void> => {
    const status = await state.status();
    if (status === 'restoring') [isOpen, refusal] = [false, RESTORING];
    const done = status === 'open' ? 'open' : await deps.restore();
    if (done === 'elsewhere') return;
    if (done !== 'open') log.info({ ...done, epoch: store.epoch() }, 'profiles restored from the journal');
    if (done !== 'open' && !done.opened) return;
    if (store.epoch() !== metEpoch) {
      await deps.onOpened(done !== 'open');
      metEpoch = store.epoch();
    }
    refusal = await state.tell(PROBE, '', PROBE_MS).then(() => undefined, reasonOf);
    isOpen = true;
    begun?.resolve();
  };

  const fail = (error: unknown): void => {
    const reason = reasonOf(error);
    if (error instanceof SentinelError && FINAL.includes(error.code)) {
      begun?.reject(error);
      deps.onFailure(error);
    } else if (isOpen || refusal !== reason) log.warn({ error }, 'the shared store cannot be used; trying again'); // once, not every second
    [isOpen, refusal] = [false, reason];
  };

  return { ...repeat(LOOK_MS, look, fail), opened, isOpen: () => isOpen, refusal: () => refusal };
}

/** What may be shown to anyone. */
const reasonOf = (error: unknown): string =>
  error instanceof SentinelError ? String(error.details['reason'] ?? error.message) : 'the shared store cannot be used';
