/** Divides a node between its children: rows first, then histograms. All threads of the team do this together. */
import {
  BYTE_PLACES,
  LEFT_ROOM,
  NODE_BEGIN,
  NODE_END,
  NODE_HISTOGRAM,
  NODE_SET,
  PAIRS,
  REPORT_LEFT_ROWS,
  REPORT_LEFT_SUMS,
  RIGHT_ROOM,
  WORD_PLACES,
} from '../job.ts';
import { isCategorical } from './categories.ts';
import { addRows, settlePlace, subtractPlace } from './histogram.ts';
import { freeHistogram, hasHistogram, histogramOf, isOpen, namesOf, rowsOf, takeHistogram } from './nodes.ts';
import { part, partBySet } from './partition.ts';
import { reportOf } from './reports.ts';
import { barrier, shareBegin, shareEnd, thread, threads } from './team.ts';

/**
 * Nodes of fewer rows are parted by one thread and summed by each thread at its own places, which spares the merging of
 * accumulators (measured on 40 features: below this the merging costs more than the rows).
 */
const TOGETHER_FROM_ROWS: u32 = 4_096;

/** Rows that went left in the last division; how many of them this thread has parted and where it left both sides. */
let leftRows: u32 = 0;
let ownLeft: u32 = 0;
let ownBegin: u32 = 0;
let ownEnd: u32 = 0;

export function placeCount(): u32 {
  return load<u32>(BYTE_PLACES) + load<u32>(WORD_PLACES);
}

function isShared(count: u32): bool {
  return threads > 1 && count >= TOGETHER_FROM_ROWS;
}

/** Gradient and second derivative of `count` rows. */
export function sumRows(names: usize, count: u32): v128 {
  const pairs = load<usize>(PAIRS);
  let sum = f64x2.splat(0);
  for (let name = names; name < names + ((<usize>count) << 2); name += 4) {
    sum = f64x2.add(sum, v128.load(pairs + (load<usize>(name) << 4)));
  }
  return sum;
}

/** Sums a node's histogram from its rows; complete for all threads on return. */
export function buildHistogram(node: usize): void {
  takeHistogram(node);
  const count = rowsOf(node);
  const places = placeCount();
  const histogram = histogramOf(node);
  const shared = isShared(count);
  if (shared) {
    const begin = shareBegin(count);
    addRows(namesOf(node) + ((<usize>begin) << 2), shareEnd(count) - begin, 0, places);
    barrier();
  } else {
    addRows(namesOf(node), count, shareBegin(places), shareEnd(places));
  }
  for (let place = shareBegin(places); place < shareEnd(places); place++) settlePlace(place, histogram, !shared);
  barrier();
}

/** Parts the node's rows, and sums those that go left if told so; both sides are in place after the next barrier. */
export function partRows(node: usize, feature: i32, lastLeft: u32, missingLeft: bool, withSums: bool): void {
  const count = rowsOf(node);
  const names = namesOf(node);
  const begin = load<usize>(node + NODE_BEGIN);
  const shared = isShared(count);
  ownBegin = shared ? shareBegin(count) : 0;
  ownEnd = shared ? shareEnd(count) : count;
  if (shared || thread == 0) {
    const from = names + ((<usize>ownBegin) << 2);
    const left = shared ? load<usize>(LEFT_ROOM) + ((begin + ownBegin) << 2) : names;
    const right = load<usize>(RIGHT_ROOM) + ((begin + ownBegin) << 2);
    ownLeft = isCategorical(feature)
      ? partBySet(from, ownEnd - ownBegin, feature, node + NODE_SET, left, right)
      : part(from, ownEnd - ownBegin, feature, lastLeft, missingLeft, left, right);
    store<u32>(reportOf(thread) + REPORT_LEFT_ROWS, ownLeft);
    if (withSums) v128.store(reportOf(thread) + REPORT_LEFT_SUMS, sumRows(left, ownLeft));
    if (!shared) memory.copy(names + ((<usize>ownLeft) << 2), right, (<usize>(count - ownLeft)) << 2);
  }
  barrier();
  leftRows = 0;
  const reporters = shared ? threads : 1;
  for (let other = 0; other < reporters; other++) {
    leftRows += load<u32>(reportOf(other) + REPORT_LEFT_ROWS);
  }
}

/** What the last `partRows` has summed. */
export function leftSums(node: usize): v128 {
  const reporters = isShared(rowsOf(node)) ? threads : 1;
  let sum = f64x2.splat(0);
  for (let other = 0; other < reporters; other++) {
    sum = f64x2.add(sum, v128.load(reportOf(other) + REPORT_LEFT_SUMS));
  }
  return sum;
}

/** Gives the children their shares of the rows parted last. */
export function shareRows(node: usize, left: usize, right: usize): void {
  const middle = load<u32>(node + NODE_BEGIN) + leftRows;
  store<u32>(left + NODE_BEGIN, load<u32>(node + NODE_BEGIN));
  store<u32>(left + NODE_END, middle);
  store<u32>(right + NODE_BEGIN, middle);
  store<u32>(right + NODE_END, load<u32>(node + NODE_END));
}

/** Moves what this thread has parted to where it belongs. */
function bringHome(node: usize): void {
  let leftBefore: u32 = 0;
  for (let other = 0; other < thread; other++) leftBefore += load<u32>(reportOf(other) + REPORT_LEFT_ROWS);
  const names = namesOf(node);
  const begin = load<usize>(node + NODE_BEGIN);
  const rightBefore = leftRows + ownBegin - leftBefore;
  const rights = ownEnd - ownBegin - ownLeft;
  const room = (begin + ownBegin) << 2;
  memory.copy(names + ((<usize>leftBefore) << 2), load<usize>(LEFT_ROOM) + room, (<usize>ownLeft) << 2);
  memory.copy(names + ((<usize>rightBefore) << 2), load<usize>(RIGHT_ROOM) + room, (<usize>rights) << 2);
}

/**
 * Prepares the histograms of the open children: sums the smaller child's rows, and takes them from the node's own
 * histogram for the larger. `settleDivided` finishes place by place. The node's histogram passes on or becomes free.
 */
export function divideHistogram(node: usize, left: usize, right: usize): void {
  const leftIsSmaller = rowsOf(left) <= rowsOf(right);
  const smaller = leftIsSmaller ? left : right;
  const larger = leftIsSmaller ? right : left;
  const needed = isOpen(left) || isOpen(right);
  const shared = isShared(rowsOf(node));
  if (shared) bringHome(node);
  if (needed) {
    takeHistogram(smaller);
    if (shared) {
      const room = (load<usize>(node + NODE_BEGIN) + ownBegin) << 2;
      const names = load<usize>(leftIsSmaller ? LEFT_ROOM : RIGHT_ROOM) + room;
      addRows(names, leftIsSmaller ? ownLeft : ownEnd - ownBegin - ownLeft, 0, placeCount());
    } else {
      addRows(namesOf(smaller), rowsOf(smaller), shareBegin(placeCount()), shareEnd(placeCount()));
    }
  }
  if (shared) barrier();
  if (needed && isOpen(larger)) passHistogram(node, larger);
  else freeHistogram(node);
  settlesAlone = !shared;
  settledSmaller = needed ? smaller : 0;
  settledLarger = needed && isOpen(larger) ? larger : 0;
}

let settlesAlone: bool = false;
let settledSmaller: usize = 0;
let settledLarger: usize = 0;

function passHistogram(from: usize, to: usize): void {
  store<i32>(to + NODE_HISTOGRAM, load<i32>(from + NODE_HISTOGRAM));
  store<i32>(from + NODE_HISTOGRAM, -1);
}

/** Completes one place of the histograms that `divideHistogram` has begun. */
export function settleDivided(place: u32): void {
  if (settledSmaller == 0) return;
  settlePlace(place, histogramOf(settledSmaller), settlesAlone);
  if (settledLarger != 0) subtractPlace(place, histogramOf(settledLarger), histogramOf(settledSmaller));
}

/** Frees the smaller child's histogram when it was summed only for the larger's sake. */
export function endDivision(): void {
  if (settledSmaller != 0 && !isOpen(settledSmaller)) freeHistogram(settledSmaller);
}

/** Makes sure that an open node has its histogram. */
export function requireHistogram(node: usize): void {
  if (isOpen(node) && !hasHistogram(node)) buildHistogram(node);
}
