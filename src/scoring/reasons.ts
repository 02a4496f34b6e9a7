/** The few contributions that moved a score most, each as a sentence for an analyst. */

const REASON_COUNT = 5;

/** Features with the largest |contribution|, largest first, ties by catalogue order; zero contributions never appear. */
export function strongest(contributions: Float64Array, count = REASON_COUNT): number[] {
  const chosen: number[] = [];
  /** Size that a contribution must exceed to be chosen. */
  let least = 0;
  for (let feature = 0; feature < contributions.length; feature++) {
    const size = Math.abs(contributions[feature]!);
    if (size <= least) continue;
    let place = Math.min(chosen.length, count - 1);
    for (; place > 0; place--) {
      const before = chosen[place - 1]!;
      if (Math.abs(contributions[before]!) >= size) break;
      chosen[place] = before;
    }
    chosen[place] = feature;
    if (chosen.length === count) least = Math.abs(contributions[chosen[count - 1]!]!);
  }
  return chosen;
}
