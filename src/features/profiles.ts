/** All profiles: finds an entity's history, adds a payment to it, and lets go of what no window can reach. */
import { DAY_MS, FUTURE_BOUND_MS, LATENESS_BOUND_MS } from '../domain/time.ts';
import { closeGap, coarsen, drop, type Entry, insert, joinTile } from './entries.ts';
import { createEntityIndex, type EntityIndex, type EntityIndexImage } from './entity-index.ts';
import * as profile from './profile.ts';
import { type Cursor } from './profile.ts';
import { createSlab, type Slab, type SlabImage } from './slab.ts';

export interface ProfilesImage {
  readonly slab: SlabImage;
  readonly index: EntityIndexImage;
  readonly sweep: readonly [table: number, slot: number];
}

export interface Profiles {
  readonly slab: Slab;
  readonly index: EntityIndex;
  /** Adds a payment to the profile under `key`, making or moving it as needed; `cursor` is at it, and stays at it. */
  add(cursor: Cursor, key: Uint32Array, entry: Entry): void;
  /** Looks at a few profiles and drops the entries of those unseen for longer than any window. */
  sweep(nowMs: number): void;
  image(): ProfilesImage;
}

/** Longest window of any feature. */
const LONGEST_WINDOW_MS = 30 * DAY_MS;
/** A new profile has room for this many entries; most entities are seen once or twice. */
const FIRST_CAPACITY = 2;
/** Slots looked at per sweep. */
const SWEEP_SLOTS = 1;
/** The next of 2, 4, 6, 8, 12, 16, …: half of the steps of doubling, so less is left empty. */
function nextCapacity(capacity: number): number {
  if (capacity <= FIRST_CAPACITY) return capacity < FIRST_CAPACITY ? FIRST_CAPACITY : FIRST_CAPACITY * 2;
  return (capacity & (capacity - 1)) === 0 ? (capacity >> 1) + capacity : (capacity / 3) * 4;
}

/** How long entries are kept: the longest window behind the label delay, for the latest of late payments. */
export function retentionMs(labelDelayMs: number): number {
  return LONGEST_WINDOW_MS + labelDelayMs + LATENESS_BOUND_MS + FUTURE_BOUND_MS + DAY_MS;
}

export function createProfiles(keepMs: number, image?: ProfilesImage): Profiles {
  const slab = createSlab(image?.slab);
  const index = createEntityIndex(slab, image?.index);
  const sweepCursor = profile.createCursor({ entryWords: 0, tiled: false });
  const sweepKey = new Uint32Array(4);
  let [sweepTable, sweepSlot] = image?.sweep ?? [0, 0];

  const create = (cursor: Cursor, key: Uint32Array): void => {
    const address = slab.allocate(profile.HEADER_WORDS + FIRST_CAPACITY * cursor.entryWords);
    const ints = slab.ints(address);
    const at = slab.offset(address) * 2;
    for (let i = 0; i < profile.HEADER_WORDS * 2; i++) ints[at + i] = i < key.length ? key[i]! : 0;
    ints[at + profile.ROOM] = profile.roomOf(FIRST_CAPACITY, cursor.entryWords);
    const doubles = slab.doubles(address);
    doubles[slab.offset(address) + profile.FIRST_SEEN] = Infinity;
    doubles[slab.offset(address) + profile.LAST_SEEN] = -Infinity;
    doubles[slab.offset(address) + profile.DROPPED_THROUGH] = -Infinity;
    index.add(key, address);
    profile.open(cursor, slab, address);
  };

  /** Moves the profile to a block of `capacity` entries, its entries to the front of it. */
  const resize = (cursor: Cursor, key: Uint32Array, capacity: number): void => {
    const { address, entryWords, head, start, end, ints } = cursor;
    const target = slab.allocate(profile.HEADER_WORDS + capacity * entryWords);
    const to = slab.ints(target);
    const at = slab.offset(target) * 2;
    for (let i = 0; i < profile.HEADER_WORDS * 2; i++) to[at + i] = ints[head * 2 + i]!;
    to[at + profile.ROOM] = profile.roomOf(capacity, entryWords);
    to[at + profile.START] = 0;
    const from = profile.intsOf(cursor, start);
    const entries = at + profile.HEADER_WORDS * 2;
    const length = (end - start) * entryWords * 2;
    for (let i = 0; i < length; i++) to[entries + i] = ints[from + i]!;
    slab.release(address, profile.HEADER_WORDS + profile.capacityOf(ints[head * 2 + profile.ROOM]!) * entryWords);
    index.move(key, address, target);
    profile.open(cursor, slab, target);
  };

  /** Makes room for one more entry behind the last. */
  const makeRoom = (cursor: Cursor, key: Uint32Array): void => {
    const { ints, head } = cursor;
    const capacity = profile.capacityOf(ints[head * 2 + profile.ROOM]!);
    if (cursor.end < capacity) return;
    if (cursor.tiled) coarsen(cursor);
    const count = cursor.end - cursor.start;
    if (count * 4 > capacity * 3 || capacity === 0) resize(cursor, key, nextCapacity(capacity));
    else closeGap(cursor);
  };

  /** Leaves only the header of the profile at `address`: when it was first and last seen, and its sums. */
  const forget = (address: number): void => {
    const at = slab.offset(address) * 2;
    const ints = slab.ints(address);
    if (profile.capacityOf(ints[at + profile.ROOM]!) === 0) return;
    sweepCursor.entryWords = profile.entryWordsOf(ints[at + profile.ROOM]!);
    sweepCursor.tiled = profile.isTiled(sweepCursor.entryWords);
    profile.open(sweepCursor, slab, address);
    drop(sweepCursor, Infinity);
    sweepKey.set(ints.subarray(at, at + 4));
    resize(sweepCursor, sweepKey, 0);
  };

  return {
    slab,
    index,
    add(cursor, key, entry) {
      if (cursor.address === 0) create(cursor, key);
      const { timeMs } = entry;
      const { head } = cursor;
      const newest = Math.max(timeMs, cursor.doubles[head + profile.LAST_SEEN]!);
      cursor.doubles[head + profile.LAST_SEEN] = newest;
      if (timeMs < cursor.doubles[head + profile.FIRST_SEEN]!) cursor.doubles[head + profile.FIRST_SEEN] = timeMs;
      drop(cursor, newest - keepMs);
      if (cursor.tiled && joinTile(cursor, entry)) return;
      makeRoom(cursor, key);
      insert(cursor, entry);
    },
    sweep(nowMs) {
      for (let i = 0; i < SWEEP_SLOTS; i++) {
        const address = index.at(sweepTable, sweepSlot);
        if (address === undefined) {
          sweepTable = (sweepTable + 1) % index.tableCount;
          sweepSlot = 0;
          continue;
        }
        sweepSlot++;
        if (address === 0) continue;
        const last = slab.doubles(address)[slab.offset(address) + profile.LAST_SEEN]!;
        if (last < nowMs - keepMs) forget(address);
      }
    },
    image: () => ({ slab: slab.image(), index: index.image(), sweep: [sweepTable, sweepSlot] }),
  };
}
