/** Long loops on the thread that serves: cut into slices between which it does other things. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A millisecond or less of simple work on each, even before it is compiled. */
const SLICE = 2_000;

/** Calls `work` with 0 to `count` − 1, in order. */
export async function inSlices(count: number, work: (index: number) => void): Promise<void> {
  for (let start = 0; start < count; start += SLICE) {
    if (start > 0) await nextTurn();
    for (let index = start; index < Math.min(start + SLICE, count); index += 1) work(index);
  }
}
