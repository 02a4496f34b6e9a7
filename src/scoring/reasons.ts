/** The few contributions that moved a score most, each as a sentence for an analyst. */

export const REASON_COUNT = 5;

/** Features with the largest |contribution|, largest first, ties by catalogue order; zero contributions never appear. */
export function strongest(contributions: Float64Array, count = REASON_COUNT): number[] {
  const chosen: number[] = [];
  for (let feature = 0; feature < contributions.length; feature++) {
    const size = Math.abs(contributions[feature]!);
    if (size === 0) continue;
    if (chosen.length === count && size <= Math.abs(contributions[chosen[count - 1]!]!)) continue;
    let place = Math.min(chosen.length, count - 1);
    while (place > 0 && Math.abs(contributions[chosen[place - 1]!]!) < size) {
      chosen[place] = chosen[place - 1]!;
      place--;
    }
    chosen[place] = feature;
  }
  return chosen;
}
