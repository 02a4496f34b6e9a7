/** How long nothing came after a moment, from the times at which something did. */

/**
 * The longest of: from `fromMs` to the next, and between two of `timesMs` (ascending) that follow, as far as it begins
 * before `toMs`; 0 when nothing came any more.
 */
export function longestSilence(timesMs: readonly number[], fromMs: number, toMs: number): number {
  let index = timesMs.findIndex((time) => time > fromMs);
  let [before, longest] = [fromMs, 0];
  for (; index >= 0 && index < timesMs.length && before < toMs; index++) {
    longest = Math.max(longest, timesMs[index]! - before);
    before = timesMs[index]!;
  }
  return longest;
}
