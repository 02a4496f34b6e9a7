/** Changes to the entries of one profile that fit in its block: add, join a tile, drop, merge tiles, close gaps. */
import { FUTURE_BOUND_MS, HOUR_MS, LATENESS_BOUND_MS } from '../domain/time.ts';
import * as profile from './profile.ts';
import { type Cursor } from './profile.ts';

/** A payment as one entity's history takes it. */
export interface Entry {
  timeMs: number;
  /** Base-currency minor units. */
  amountMinor: number;
  /** 1 when silence may turn it genuine, else 0. */
  eligible: number;
  /** What each lane holds; a tiled profile takes the user from the first. */
  readonly lanes: Uint32Array;
}

/** Age at which five-minute and hour tiles are out of reach even for the latest of late payments. */
const REACH_MS = LATENESS_BOUND_MS + FUTURE_BOUND_MS + HOUR_MS;
const FINE_AGE_MS = 6 * HOUR_MS + REACH_MS;
const HOUR_AGE_MS = 7 * 24 * HOUR_MS + REACH_MS;

/** Writes the cursor's range back to the header. */
function store(cursor: Cursor): void {
  cursor.ints[cursor.head * 2 + profile.START] = cursor.start;
  cursor.ints[cursor.head * 2 + profile.COUNT] = cursor.end - cursor.start;
}

/** Copies half words within the profile's block; the ranges may overlap. */
function copy(ints: Uint32Array, to: number, from: number, length: number): void {
  if (to < from) for (let i = 0; i < length; i++) ints[to + i] = ints[from + i]!;
  else for (let i = length - 1; i >= 0; i--) ints[to + i] = ints[from + i]!;
}

/** Adds to the running sums of the entries from `first` on. */
function raise(cursor: Cursor, first: number, amountMinor: number, eligible: number): void {
  const { doubles, ints, tiled, end } = cursor;
  for (let i = first; i < end; i++) {
    const at = profile.intsOf(cursor, i);
    doubles[at / 2 + profile.ENTRY_AMOUNT]! += amountMinor;
    ints[at + profile.ENTRY_ELIGIBLE]! += eligible;
    if (tiled) ints[at + profile.TILE_COUNT]! += 1;
  }
}

/** Lets go of entries at or before `cutoffMs`; their sums stay in the header. */
export function drop(cursor: Cursor, cutoffMs: number): void {
  const { start, end, head, doubles, ints, entries, entryWords } = cursor;
  let first = start;
  while (first < end && doubles[entries + first * entryWords]! <= cutoffMs) first++;
  if (first === start) return;
  const amount = profile.amountBefore(cursor, first);
  const eligible = profile.eligibleBefore(cursor, first);
  const count = profile.countBefore(cursor, first);
  doubles[head + profile.DROPPED_THROUGH] = profile.timeOf(cursor, first - 1);
  doubles[head + profile.DROPPED_AMOUNT] = amount;
  ints[head * 2 + profile.DROPPED_ELIGIBLE] = eligible;
  ints[head * 2 + profile.DROPPED_COUNT] = count;
  cursor.start = first;
  store(cursor);
}

/** Adds the payment to the five-minute tile it falls in; false when there is no such tile yet. */
export function joinTile(cursor: Cursor, entry: Entry): boolean {
  const { doubles, ints, start, end } = cursor;
  const tileMs = profile.FINE_TILE_MS;
  const fromMs = Math.floor(entry.timeMs / tileMs) * tileMs;
  if (start === end || profile.timeOf(cursor, end - 1) < fromMs) return false;
  const tile = profile.firstAfter(cursor, fromMs - 1, start, end);
  const latest = profile.timeOf(cursor, tile);
  if (latest >= fromMs + tileMs) return false;
  const at = profile.intsOf(cursor, tile);
  doubles[at / 2] = Math.max(latest, entry.timeMs);
  raise(cursor, tile, entry.amountMinor, entry.eligible);
  setUser(ints, at, entry.lanes[0]!);
  return true;
}

function setUser(ints: Uint32Array, at: number, user: number): void {
  if (user === 0) return;
  ints[at + profile.TILE_USERS + ((user >>> 5) & 1)]! |= 1 << (user & 31);
}

/** Inserts the payment at its time, behind those of equal time; there is room for one more entry. */
export function insert(cursor: Cursor, entry: Entry): void {
  const { doubles, ints, start, end, entryWords } = cursor;
  const last = start === end || profile.timeOf(cursor, end - 1) <= entry.timeMs;
  const position = last ? end : profile.firstAfter(cursor, entry.timeMs, start, end);
  const amount = profile.amountBefore(cursor, position) + entry.amountMinor;
  const eligible = profile.eligibleBefore(cursor, position) + entry.eligible;
  const count = profile.countBefore(cursor, position) + 1;
  const at = profile.intsOf(cursor, position);
  if (!last) copy(ints, at + entryWords * 2, at, (end - position) * entryWords * 2);
  cursor.end = end + 1;
  doubles[at / 2] = entry.timeMs;
  doubles[at / 2 + profile.ENTRY_AMOUNT] = amount;
  ints[at + profile.ENTRY_ELIGIBLE] = eligible;
  if (cursor.tiled) {
    ints[at + profile.TILE_COUNT] = count;
    ints[at + profile.TILE_USERS] = 0;
    ints[at + profile.TILE_USERS + 1] = 0;
    setUser(ints, at, entry.lanes[0]!);
  } else {
    const lanes = entryWords * 2 - profile.ENTRY_LANES;
    for (let lane = 0; lane < lanes; lane++) ints[at + profile.ENTRY_LANES + lane] = entry.lanes[lane]!;
  }
  if (!last) raise(cursor, position + 1, entry.amountMinor, entry.eligible);
  store(cursor);
}

/** Moves the entries to the front of the block. */
export function closeGap(cursor: Cursor): void {
  const { start, end, entryWords } = cursor;
  const length = (end - start) * entryWords * 2;
  copy(cursor.ints, profile.intsOf(cursor, 0), profile.intsOf(cursor, start), length);
  cursor.start = 0;
  cursor.end = end - start;
  store(cursor);
}

/** Width of the tiles that suffice for an entry at `timeMs`, seen from `newestMs`. */
function tileWidth(timeMs: number, newestMs: number): number {
  const ageMs = newestMs - timeMs;
  if (ageMs <= FINE_AGE_MS) return profile.FINE_TILE_MS;
  return ageMs <= HOUR_AGE_MS + profile.HOUR_TILE_MS ? profile.HOUR_TILE_MS : profile.DAY_TILE_MS;
}

/** Merges tiles that have grown old into wider ones: no window can tell. */
export function coarsen(cursor: Cursor): void {
  const { doubles, ints, head, start, end, entryWords } = cursor;
  const newestMs = doubles[head + profile.LAST_SEEN]!;
  let kept = start;
  for (let i = start; i < end; i++) {
    const from = profile.intsOf(cursor, i);
    const timeMs = doubles[from / 2]!;
    if (i > start) {
      const before = profile.intsOf(cursor, kept - 1);
      const beforeMs = doubles[before / 2]!;
      const tileMs = tileWidth(timeMs, newestMs);
      if (tileMs > profile.FINE_TILE_MS && Math.floor(timeMs / tileMs) === Math.floor(beforeMs / tileMs)) {
        const [usersLow, usersHigh] = [ints[before + profile.TILE_USERS]!, ints[before + profile.TILE_USERS + 1]!];
        kept--;
        ints[from + profile.TILE_USERS]! |= usersLow;
        ints[from + profile.TILE_USERS + 1]! |= usersHigh;
      }
    }
    if (kept !== i) copy(ints, profile.intsOf(cursor, kept), from, entryWords * 2);
    kept++;
  }
  cursor.end = kept;
  store(cursor);
}

function hasEligible(cursor: Cursor, entry: number): boolean {
  return profile.eligibleBefore(cursor, entry + 1) !== profile.eligibleBefore(cursor, entry);
}

/** Takes one payment at `timeMs` out of the eligible: it is labelled now. Nothing when none is found there. */
export function withdrawEligible(cursor: Cursor, timeMs: number): void {
  const { doubles, ints, start, end, head, tiled } = cursor;
  let entry = start;
  if (timeMs <= doubles[head + profile.DROPPED_THROUGH]!) {
    ints[head * 2 + profile.DROPPED_ELIGIBLE]! -= 1;
  } else {
    entry = profile.firstAfter(cursor, timeMs - 1, start, end);
    if (!tiled) while (entry < end && profile.timeOf(cursor, entry) === timeMs && !hasEligible(cursor, entry)) entry++;
    if (entry === end || !hasEligible(cursor, entry)) return;
    if (!tiled && profile.timeOf(cursor, entry) !== timeMs) return;
  }
  for (; entry < end; entry++) ints[profile.intsOf(cursor, entry) + profile.ENTRY_ELIGIBLE]! -= 1;
}
