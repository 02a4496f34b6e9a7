/** The loss of the rows that no tree is grown on. */
import { BLOCK_ROWS, CHECK_LOSSES, CHECK_ROWS, LABELS, MARGINS, ROWS, WEIGHTS } from '../job.ts';
import { exp2, log } from './elementary.ts';
import { shareBegin, shareEnd } from './team.ts';

/** Below this e^x is nothing beside 1. */
const LOWEST_EXPONENT: f64 = -700;

/** Sums this thread's blocks of rows; what a block sums to does not depend on who sums it. */
export function sumLosses(): void {
  const count = load<u32>(CHECK_ROWS);
  const blocks = (count + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const losses = load<usize>(CHECK_LOSSES);
  for (let block = shareBegin(blocks); block < shareEnd(blocks); block++) {
    const begin = block * BLOCK_ROWS;
    store<f64>(losses + ((<usize>block) << 3), lossOf(begin, min(count, begin + BLOCK_ROWS)));
  }
}

/** Loss times weight of check rows; behind the last stands a row of no weight. */
function lossOf(begin: u32, end: u32): f64 {
  const first = load<u32>(ROWS);
  let sum = f64x2.splat(0);
  for (let row = begin; row < end; row += 2) {
    const at = (<usize>(first + row)) << 3;
    const margin = v128.load(load<usize>(MARGINS) + at);
    const isFraud = f64x2.gt(v128.load(load<usize>(LABELS) + at), f64x2.splat(0));
    const away = v128.bitselect(f64x2.neg(margin), margin, isFraud);
    // log(1 + e^x), without overflow.
    const e = exp2(f64x2.pmax(f64x2.neg(f64x2.abs(margin)), f64x2.splat(LOWEST_EXPONENT)));
    const rest = f64x2.replace_lane(
      f64x2.splat(log(1 + f64x2.extract_lane(e, 0))),
      1,
      log(1 + f64x2.extract_lane(e, 1)),
    );
    const loss = f64x2.add(f64x2.pmax(f64x2.splat(0), away), rest);
    sum = f64x2.add(sum, f64x2.mul(v128.load(load<usize>(WEIGHTS) + at), loss));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
