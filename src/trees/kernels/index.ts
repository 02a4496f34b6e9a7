/** What the kernels offer: one job at a time to all threads of a team. */
import {
  DRAWN,
  FAILED,
  GROWTH,
  JOB,
  JOB_CHECK,
  JOB_CODE,
  JOB_DIFFERENTIATE,
  JOB_DRAW,
  JOB_END,
  JOB_FOREST,
  JOB_GROW,
  JOB_INTERLEAVE,
  JOB_SORT,
  ORDER,
  ROWS,
  SYMMETRIC,
} from '../job.ts';
import { sumLosses } from './check.ts';
import { codeColumns, interleave } from './code.ts';
import { drawRows } from './draw.ts';
import { growForest } from './forest.ts';
import { differentiate } from './gradient.ts';
import { growTree } from './grow.ts';
import { sortColumns } from './sort.ts';
import { growSymmetric } from './symmetric.ts';
import { arrive, barrier, join, nextCall, shareBegin, shareEnd, takesPart, teamOf } from './team.ts';

/** Does the present job together with `count` threads; returns when all have done it. */
export function work(count: i32): void {
  join(count);
  const job = load<i32>(JOB);
  if (job == JOB_SORT) sortColumns();
  else if (job == JOB_CODE) codeColumns();
  else if (job == JOB_INTERLEAVE) interleave();
  else if (job == JOB_DIFFERENTIATE) differentiate();
  else if (job == JOB_GROW) grow();
  else if (job == JOB_FOREST) growForest();
  else if (job == JOB_DRAW) drawRows();
  else if (job == JOB_CHECK) sumLosses();
  barrier();
}

function grow(): void {
  if (load<u32>(DRAWN) == load<u32>(ROWS)) nameAllRows();
  if (load<u32>(GROWTH) == SYMMETRIC) growSymmetric();
  else growTree();
}

/** Names this thread's share of the rows in their order, for a tree that is grown on all of them. */
function nameAllRows(): void {
  const rows = load<u32>(ROWS);
  const order = load<usize>(ORDER);
  const end = shareEnd(rows);
  for (let row = shareBegin(rows); row < end; row++) store<u32>(order + ((<usize>row) << 2), row);
  barrier();
}

/** A worker's life: takes part in every job it is called to, until the last. */
export function serve(): void {
  arrive();
  let call: i32 = 0;
  for (;;) {
    call = nextCall(call);
    if (!takesPart(call)) continue;
    if (load<i32>(JOB) == JOB_END) return;
    work(teamOf(call));
  }
}

/** Tells the others that this thread cannot go on. */
export function fail(): void {
  atomic.store<i32>(FAILED, 1);
}
