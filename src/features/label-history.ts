/** The labels of one entity's payments, sorted by the moment each payment became known. */
import { DAY_MS, FUTURE_BOUND_MS, LATENESS_BOUND_MS } from '../domain/time.ts';
import { type Slab } from './slab.ts';

/**
 * Block, in words (ints in parentheses): 0 (0) labels held, (1) room; 1 (2) labels dropped, (3) frauds among them; then
 * for each label: 0 known from · 1 event time · 2 (4) low half of the payment's `seq`, (5) frauds up to and with it ·
 * 3 amount.
 */
const BLOCK_HEADER_WORDS = 2;
const LABEL_WORDS = 4;
const SEQUENCE = 4;
const FRAUDS = 5;
/** With the header just below a power of two, as are its doubles. */
const FIRST_CAPACITY = 3;
/** Longest window over labels, and the lateness a payment may have. */
const KEEP_MS = 30 * DAY_MS + LATENESS_BOUND_MS + FUTURE_BOUND_MS + DAY_MS;

const blockWords = (capacity: number): number => BLOCK_HEADER_WORDS + capacity * LABEL_WORDS;

/** A label as one entity keeps it. */
export interface KnownLabel {
  /** From when on the payment counts as known: the first label's arrival, or its silence if that ended sooner. */
  readonly knownMs: number;
  readonly eventTimeMs: number;
  readonly seq: number;
  /** Of the payment, in base-currency minor units. */
  readonly amountMinor: number;
  readonly isFraud: boolean;
}

/** Where one entity's labels lie; `held` 0 when it has none. */
export interface LabelCursor {
  doubles: Float64Array;
  ints: Uint32Array;
  /** Index of label 0 in `doubles`. */
  first: number;
  held: number;
}

export function createLabelCursor(): LabelCursor {
  return { doubles: new Float64Array(0), ints: new Uint32Array(0), first: 0, held: 0 };
}

/** Points the cursor at the labels at `address`, which may be 0. */
export function openLabels(cursor: LabelCursor, slab: Slab, address: number): void {
  cursor.held = 0;
  cursor.first = 0;
  if (address === 0) return;
  cursor.doubles = slab.doubles(address);
  cursor.ints = slab.ints(address);
  cursor.first = slab.offset(address) + BLOCK_HEADER_WORDS;
  cursor.held = cursor.ints[(cursor.first - BLOCK_HEADER_WORDS) * 2]!;
}

function knownMsOf(cursor: LabelCursor, label: number): number {
  return cursor.doubles[cursor.first + label * LABEL_WORDS]!;
}

export function eventMsOf(cursor: LabelCursor, label: number): number {
  return cursor.doubles[cursor.first + label * LABEL_WORDS + 1]!;
}

export function amountMinorOf(cursor: LabelCursor, label: number): number {
  return cursor.doubles[cursor.first + label * LABEL_WORDS + 3]!;
}

export function isFraudAt(cursor: LabelCursor, label: number): boolean {
  return fraudsBefore(cursor, label + 1) !== fraudsBefore(cursor, label);
}

/** How many labels held are known at or before `timeMs`. */
export function knownBy(cursor: LabelCursor, timeMs: number): number {
  let low = 0;
  let high = cursor.held;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (knownMsOf(cursor, middle) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Frauds before `label`, since the first label ever; 0 when there are no labels. */
export function fraudsBefore(cursor: LabelCursor, label: number): number {
  if (label > 0) return cursor.ints[(cursor.first + (label - 1) * LABEL_WORDS) * 2 + FRAUDS]!;
  return cursor.first === 0 ? 0 : cursor.ints[(cursor.first - BLOCK_HEADER_WORDS) * 2 + 3]!;
}

/** Labels before `label`, since the first label ever. */
export function labelsBefore(cursor: LabelCursor, label: number): number {
  return (cursor.first === 0 ? 0 : cursor.ints[(cursor.first - BLOCK_HEADER_WORDS) * 2 + 2]!) + label;
}

/** The block at `address` as words of 4 bytes, its unused room left out; what `placeLabels` takes. */
export function labelWords(slab: Slab, address: number): Uint32Array {
  const at = slab.offset(address) * 2;
  const ints = slab.ints(address);
  return ints.subarray(at, at + blockWords(ints[at]!) * 2);
}

/** Makes a block of words from `labelWords`, with the room it had; returns its address. */
export function placeLabels(slab: Slab, words: Uint32Array): number {
  const address = slab.allocate(blockWords(words[1]!));
  slab.ints(address).set(words, slab.offset(address) * 2);
  return address;
}

/** Gives the block at `address` back. */
export function releaseLabels(slab: Slab, address: number): void {
  slab.release(address, blockWords(slab.ints(address)[slab.offset(address) * 2 + 1]!));
}

/** Drops labels known too long ago for any window, keeping their sums. */
function dropOld(cursor: LabelCursor, newestMs: number): void {
  const { ints, first } = cursor;
  const old = knownBy(cursor, newestMs - KEEP_MS);
  if (old === 0) return;
  const head = (first - BLOCK_HEADER_WORDS) * 2;
  ints[head + 3] = fraudsBefore(cursor, old);
  ints[head + 2]! += old;
  ints.copyWithin(first * 2, (first + old * LABEL_WORDS) * 2, (first + cursor.held * LABEL_WORDS) * 2);
  cursor.held -= old;
  ints[head] = cursor.held;
}

/** Adds a label and returns the address of the block, which may have moved; `address` 0 makes a new one. */
export function addLabel(cursor: LabelCursor, slab: Slab, address: number, label: KnownLabel): number {
  const block = withRoom(cursor, slab, address);
  openLabels(cursor, slab, block);
  const { doubles, ints, first } = cursor;
  const position = knownBy(cursor, label.knownMs);
  const before = fraudsBefore(cursor, position);
  const at = first + position * LABEL_WORDS;
  ints.copyWithin((at + LABEL_WORDS) * 2, at * 2, (first + cursor.held * LABEL_WORDS) * 2);
  cursor.held++;
  ints[(first - BLOCK_HEADER_WORDS) * 2] = cursor.held;
  doubles[at] = label.knownMs;
  doubles[at + 1] = label.eventTimeMs;
  doubles[at + 3] = label.amountMinor;
  ints[at * 2 + SEQUENCE] = label.seq;
  ints[at * 2 + FRAUDS] = before;
  if (label.isFraud) raiseFrauds(cursor, position, 1);
  dropOld(cursor, knownMsOf(cursor, cursor.held - 1));
  return block;
}

/** The block at `address`, or a larger copy of it, with room for one more label. */
function withRoom(cursor: LabelCursor, slab: Slab, address: number): number {
  openLabels(cursor, slab, address);
  const head = (cursor.first - BLOCK_HEADER_WORDS) * 2;
  const capacity = address === 0 ? 0 : cursor.ints[head + 1]!;
  if (cursor.held < capacity) return address;
  const larger = capacity === 0 ? FIRST_CAPACITY : capacity * 2;
  const target = slab.allocate(blockWords(larger));
  const ints = slab.ints(target);
  const to = slab.offset(target) * 2;
  ints.fill(0, to, to + BLOCK_HEADER_WORDS * 2);
  if (address !== 0) {
    for (let i = 0; i < blockWords(capacity) * 2; i++) ints[to + i] = cursor.ints[head + i]!;
    slab.release(address, blockWords(capacity));
  }
  ints[to + 1] = larger;
  return target;
}

function raiseFrauds(cursor: LabelCursor, from: number, by: number): void {
  for (let i = from; i < cursor.held; i++) cursor.ints[(cursor.first + i * LABEL_WORDS) * 2 + FRAUDS]! += by;
}

/** Turns the label of payment `seq` into its opposite; one already dropped turns in the sums. */
export function flipLabel(cursor: LabelCursor, seq: number, isFraud: boolean): void {
  const by = isFraud ? 1 : -1;
  const sequence = seq >>> 0;
  for (let i = cursor.held - 1; i >= 0; i--) {
    if (cursor.ints[(cursor.first + i * LABEL_WORDS) * 2 + SEQUENCE] !== sequence) continue;
    raiseFrauds(cursor, i, by);
    return;
  }
  if (cursor.first === 0) return;
  cursor.ints[(cursor.first - BLOCK_HEADER_WORDS) * 2 + 3]! += by;
  raiseFrauds(cursor, 0, by);
}
