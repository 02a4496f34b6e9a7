/** Draws the rows of a round: each block of rows by a stream of random numbers of its own, whichever thread it falls to. */
import { BLOCK_ROWS, DRAW_COUNTS, DRAW_STREAM, DRAWN, LEFT_ROOM, ORDER, ROW_SHARE, ROWS, SEED_HIGH, SEED_LOW } from '../job.ts'; // prettier-ignore
import { fork, integer, next } from './random.ts';
import { barrier, shareBegin, shareEnd, thread } from './team.ts';

/** Names the rows drawn, ascending, in `ORDER`, and how many they are in `DRAWN`; never none. */
export function drawRows(): void {
  const rows = load<u32>(ROWS);
  const blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const counts = load<usize>(DRAW_COUNTS);
  const room = load<usize>(LEFT_ROOM);
  const order = load<usize>(ORDER);
  for (let block = shareBegin(blocks); block < shareEnd(blocks); block++) {
    store<u32>(counts + (block << 2), drawBlock(block, rows, room + ((<usize>block * BLOCK_ROWS) << 2)));
  }
  barrier();
  let before: u32 = 0;
  for (let block: u32 = 0; block < blocks; block++) {
    const count = load<u32>(counts + (block << 2));
    if (block >= shareBegin(blocks) && block < shareEnd(blocks)) {
      memory.copy(order + ((<usize>before) << 2), room + ((<usize>block * BLOCK_ROWS) << 2), (<usize>count) << 2);
    }
    before += count;
  }
  if (thread != 0) return;
  if (before == 0) {
    fork(load<u32>(SEED_LOW), load<u32>(SEED_HIGH), load<u32>(DRAW_STREAM));
    store<u32>(order, integer(rows));
    before = 1;
  }
  store<u32>(DRAWN, before);
}

/** Writes the names of the rows drawn from one block to `to`, and returns how many they are. */
function drawBlock(block: u32, rows: u32, to: usize): u32 {
  fork(load<u32>(SEED_LOW), load<u32>(SEED_HIGH), load<u32>(DRAW_STREAM) + block);
  const share = load<f64>(ROW_SHARE);
  const end = min(rows, (block + 1) * BLOCK_ROWS);
  let count: u32 = 0;
  for (let row = block * BLOCK_ROWS; row < end; row++) {
    store<u32>(to + ((<usize>count) << 2), row);
    count += u32(next() < share);
  }
  return count;
}
