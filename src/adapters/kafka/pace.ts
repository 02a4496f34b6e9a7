/** How many messages are handled together: so many that it takes about a second, however fast or slow they are just now. */

export interface Pace {
  /** For the next messages, of whatever partition. */
  limit(): number;
  took(messages: number, ms: number): void;
  /** So many could not be committed together: what they send may be more than a topic takes at once. */
  failed(messages: number): void;
}

/** Far below the time in which a group gives up a worker that does not join again. */
const TARGET_MS = 1_000;
const FIRST = 64;
/** No more than so many times what was handled last. */
const GROWTH = 2;

/** Between 1 and `most`. */
export function createPace(most: number): Pace {
  let limit = Math.min(FIRST, most);
  return {
    limit: () => limit,
    took(messages, ms) {
      const fitting = Math.floor((messages * TARGET_MS) / Math.max(1, ms));
      // A part that was short by nature says nothing of what a longer one would take, unless it was slow.
      if (fitting < limit || messages === limit) limit = Math.max(1, Math.min(most, fitting, GROWTH * limit));
    },
    failed(messages) {
      limit = Math.max(1, Math.floor(messages / 2));
    },
  };
}
