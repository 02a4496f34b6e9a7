/** How long to leave something alone that fails: twice as long each time, until it works again. */

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 30_000;
/** Failures in a row after which it counts as broken. */
const BROKEN_AFTER = 3;

export interface Circuit {
  readonly failures: number;
  /** Milliseconds to wait before the next attempt; 0 while all is well. */
  readonly waitMs: number;
  readonly isBroken: boolean;
}

export const WHOLE: Circuit = { failures: 0, waitMs: 0, isBroken: false };

/** After one more failure. */
export function afterFailure({ failures }: Circuit): Circuit {
  return {
    failures: failures + 1,
    waitMs: Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures),
    isBroken: failures + 1 >= BROKEN_AFTER,
  };
}
