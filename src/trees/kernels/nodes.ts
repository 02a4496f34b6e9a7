/** Nodes of the tree under growth, and the histograms they hold. Every thread keeps its own, equal, account of them. */
import {
  HISTOGRAM_BYTES,
  HISTOGRAM_COUNT,
  HISTOGRAMS,
  NODE_BEGIN,
  NODE_END,
  NODE_HISTOGRAM,
  NODE_OPEN,
  ORDER,
  PRIVATE_BYTES,
  PRIVATES,
} from '../job.ts';
import { thread } from './team.ts';

/** Histograms kept free: one for the smaller child of a split and one to rebuild its parent's in. */
const KEPT_FREE: u32 = 2;

/** Stack of free histograms, u32 each, at the start of the private area. */
let free: usize = 0;
let freeCount: u32 = 0;

/** Makes all histograms free; returns where the private area goes on. */
export function startNodes(): usize {
  free = load<usize>(PRIVATES) + thread * load<usize>(PRIVATE_BYTES);
  freeCount = load<u32>(HISTOGRAM_COUNT);
  for (let index: u32 = 0; index < freeCount; index++) store<u32>(free + (index << 2), index);
  return (free + (freeCount << 2) + 15) & ~15;
}

export function takeHistogram(node: usize): void {
  freeCount--;
  store<i32>(node + NODE_HISTOGRAM, load<i32>(free + (freeCount << 2)));
}

export function hasHistogram(node: usize): bool {
  return load<i32>(node + NODE_HISTOGRAM) >= 0;
}

export function freeHistogram(node: usize): void {
  if (!hasHistogram(node)) return;
  store<i32>(free + (freeCount << 2), load<i32>(node + NODE_HISTOGRAM));
  freeCount++;
  store<i32>(node + NODE_HISTOGRAM, -1);
}

/** Takes the histogram back when too few are left to divide another node; it is then summed again when needed. */
export function keepIfRoom(node: usize): void {
  if (freeCount < KEPT_FREE) freeHistogram(node);
}

export function histogramOf(node: usize): usize {
  return load<usize>(HISTOGRAMS) + load<usize>(node + NODE_HISTOGRAM) * load<usize>(HISTOGRAM_BYTES);
}

export function rowsOf(node: usize): u32 {
  return load<u32>(node + NODE_END) - load<u32>(node + NODE_BEGIN);
}

/** Address of the node's first row name. */
export function namesOf(node: usize): usize {
  return load<usize>(ORDER) + (load<usize>(node + NODE_BEGIN) << 2);
}

export function isOpen(node: usize): bool {
  return load<u32>(node + NODE_OPEN) != 0;
}

/** Clears a record: no rows, no histogram, not open. */
export function clearNode(node: usize, bytes: usize): void {
  memory.fill(node, 0, bytes);
  store<i32>(node + NODE_HISTOGRAM, -1);
}
