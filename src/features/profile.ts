/** One entity's history as it lies in the slab: a short header, then its payments (or tiles of them) sorted by time. */
import { type EntityKind } from '../domain/entity.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { type Slab } from './slab.ts';

/**
 * Header, in words of 8 bytes (ints in parentheses):
 *   0–1 (0–3) key · 2 first seen · 3 last seen · 4 time of the newest entry dropped · 5 amount of all entries dropped
 *   6 (12) eligible, (13) count of all entries dropped · 7 (14) room, (15) label history · 8 (16) first entry, (17) entries
 * Entry:
 *   0 time · 1 amount up to and with this entry, minor units since the first payment ever
 *   2 (4) eligible payments up to and with this entry, (5) lane 0 · 3 (6, 7) lanes 1, 2 · 4 (8, 9) lanes 3, 4
 * "Eligible" payments turn genuine by silence: not blocked, not labelled. Every sum runs from the first payment ever,
 * so that any window is the difference of two reads, and exact.
 */
export const HEADER_WORDS = 9;
export const FIRST_SEEN = 2;
export const LAST_SEEN = 3;
export const DROPPED_THROUGH = 4;
export const DROPPED_AMOUNT = 5;
export const DROPPED_ELIGIBLE = 12;
export const DROPPED_COUNT = 13;
export const ROOM = 14;
export const LABELS = 15;
export const START = 16;
export const COUNT = 17;
export const ENTRY_AMOUNT = 1;
export const ENTRY_ELIGIBLE = 4;
export const ENTRY_LANES = 5;

/** Lanes of a tile: how many payments up to and with it, and 64 bits hit by the users in it. */
export const TILE_COUNT = 5;
export const TILE_USERS = 6;

/** Tiles, by the age of what they hold: 5 minutes for windows up to 6 h, an hour up to 7 d, a day beyond. */
export const FINE_TILE_MS = 5 * MINUTE_MS;
export const HOUR_TILE_MS = HOUR_MS;
export const DAY_TILE_MS = DAY_MS;

/** Words of one entry, and whether entries are single payments or tiles. */
export interface ProfileLayout {
  readonly entryWords: number;
  readonly tiled: boolean;
}

/** Lanes of a user's payment. */
export const USER_LANES = { merchant: 0, device: 1, ip: 2, context: 3, place: 4 } as const;
const USER_LAYOUT: ProfileLayout = { entryWords: 5, tiled: false };
/** One lane: the user. */
const SHARED_LAYOUT: ProfileLayout = { entryWords: 3, tiled: false };
const TILED_LAYOUT: ProfileLayout = { entryWords: 4, tiled: true };

export function layoutsFor(merchantWindows: 'tiles' | 'exact'): Readonly<Record<EntityKind, ProfileLayout>> {
  return {
    user: USER_LAYOUT,
    card: SHARED_LAYOUT,
    device: SHARED_LAYOUT,
    ip: TILED_LAYOUT,
    merchant: merchantWindows === 'exact' ? SHARED_LAYOUT : TILED_LAYOUT,
  };
}

/** Header field `room`: how many entries the block holds, and the words of each. */
export const roomOf = (capacity: number, entryWords: number): number => capacity * 8 + entryWords;
export const capacityOf = (room: number): number => room >>> 3;
export const entryWordsOf = (room: number): number => room & 7;
export const isTiled = (entryWords: number): boolean => entryWords === TILED_LAYOUT.entryWords;

/** Where one profile lies, resolved once and read many times; valid until the profile changes. */
export interface Cursor {
  /** 0: there is no profile. */
  address: number;
  doubles: Float64Array;
  ints: Uint32Array;
  /** Index of the header in `doubles`. */
  head: number;
  /** Index of entry 0 in `doubles`. */
  entries: number;
  entryWords: number;
  tiled: boolean;
  /** Entries in use are start ≤ i < end. */
  start: number;
  end: number;
}

const NO_DOUBLES = new Float64Array(0);
const NO_INTS = new Uint32Array(0);

export function createCursor(layout: ProfileLayout): Cursor {
  return { address: 0, doubles: NO_DOUBLES, ints: NO_INTS, head: 0, entries: 0, start: 0, end: 0, ...layout };
}

/** Points the cursor at the profile at `address`, which may be 0. */
export function open(cursor: Cursor, slab: Slab, address: number): void {
  cursor.address = address;
  if (address === 0) {
    cursor.start = 0;
    cursor.end = 0;
    return;
  }
  const head = slab.offset(address);
  const ints = slab.ints(address);
  cursor.doubles = slab.doubles(address);
  cursor.ints = ints;
  cursor.head = head;
  cursor.entries = head + HEADER_WORDS;
  cursor.start = ints[head * 2 + START]!;
  cursor.end = cursor.start + ints[head * 2 + COUNT]!;
}

export function timeOf(cursor: Cursor, entry: number): number {
  return cursor.doubles[cursor.entries + entry * cursor.entryWords]!;
}

/** Index into `ints` of the first half word of an entry. */
export function intsOf(cursor: Cursor, entry: number): number {
  return (cursor.entries + entry * cursor.entryWords) * 2;
}

/** The first entry in [low, high) later than `timeMs`; `high` when none is. */
export function firstAfter(cursor: Cursor, timeMs: number, low: number, high: number): number {
  const { doubles, entries, entryWords } = cursor;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (doubles[entries + middle * entryWords]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Minor units of all payments before `entry`, since the first ever. */
export function amountBefore(cursor: Cursor, entry: number): number {
  return entry === cursor.start
    ? cursor.doubles[cursor.head + DROPPED_AMOUNT]!
    : cursor.doubles[cursor.entries + (entry - 1) * cursor.entryWords + ENTRY_AMOUNT]!;
}

/** Eligible payments before `entry`, since the first ever. */
export function eligibleBefore(cursor: Cursor, entry: number): number {
  return entry === cursor.start
    ? cursor.ints[cursor.head * 2 + DROPPED_ELIGIBLE]!
    : cursor.ints[intsOf(cursor, entry - 1) + ENTRY_ELIGIBLE]!;
}

/** Payments before `entry`, since the first ever. */
export function countBefore(cursor: Cursor, entry: number): number {
  if (cursor.tiled && entry !== cursor.start) return cursor.ints[intsOf(cursor, entry - 1) + TILE_COUNT]!;
  return cursor.ints[cursor.head * 2 + DROPPED_COUNT]! + entry - cursor.start;
}

/** Width of the tiles by which a window of a tiled profile is cut. */
export function tileOfWindow(windowMs: number): number {
  if (windowMs <= 6 * HOUR_MS) return FINE_TILE_MS;
  return windowMs <= 7 * DAY_MS ? HOUR_TILE_MS : DAY_TILE_MS;
}

/** Tiles later than the result lie in the window that began at `fromMs`: those from the one that holds `fromMs` on. */
export function tiledBound(fromMs: number, windowMs: number): number {
  const tileMs = tileOfWindow(windowMs);
  return Math.floor(fromMs / tileMs) * tileMs - 1;
}
