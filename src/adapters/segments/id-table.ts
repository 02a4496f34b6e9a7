/**
 * Where fingerprints lead: 256 small open-addressing tables of (tag, reference), 8 bytes a slot.
 *
 * Each table grows alone, so that no insertion pauses for a rehash of everything. A reference below 2^31 names a
 * remembered entry, one above names the segment that holds an older one.
 */

const PARTITIONS = 256;
const FIRST_SLOTS = 64;
/** Slots in use above which a table doubles: beyond it linear probing grows long. */
const MAX_LOAD = 0.6;
const EMPTY = 0;
const OLDER = 0x8000_0000;

export interface IdTable {
  /** Calls `visit` with each reference under the fingerprint's tag until it returns true. */
  find(word0: number, word1: number, visit: (reference: number) => boolean): boolean;
  insert(word0: number, word1: number, reference: number): void;
  /** Makes the slot with `reference` under this tag lead to `replacement`. */
  redirect(word0: number, word1: number, reference: number, replacement: number): void;
  bytes(): number;
}

/** The reference of remembered entry `index`, counted from 0 and taken modulo ENTRY_LIMIT. */
export function entryReference(index: number): number {
  return (index % ENTRY_LIMIT) + 1;
}

export const ENTRY_LIMIT = 0x7fff_0000;

export function segmentReference(segment: number): number {
  return (OLDER | segment) >>> 0;
}

/** The segment an older reference names; undefined for a remembered entry. */
export function olderSegment(reference: number): number | undefined {
  return reference >= OLDER ? reference - OLDER : undefined;
}

interface Partition {
  tags: Uint32Array;
  references: Uint32Array;
  used: number;
}

export function createIdTable(): IdTable {
  const partitions: Partition[] = Array.from({ length: PARTITIONS }, () => emptyPartition(FIRST_SLOTS));
  return {
    find(word0, word1, visit) {
      const { tags, references } = partitions[word0 & (PARTITIONS - 1)]!;
      const mask = tags.length - 1;
      for (let slot = word1 & mask; references[slot] !== EMPTY; slot = (slot + 1) & mask) {
        if (tags[slot] === word1 && visit(references[slot]!)) return true;
      }
      return false;
    },
    insert(word0, word1, reference) {
      const partition = partitions[word0 & (PARTITIONS - 1)]!;
      if (partition.used + 1 > partition.tags.length * MAX_LOAD) grow(partition);
      put(partition, word1, reference);
    },
    redirect(word0, word1, reference, replacement) {
      const { tags, references } = partitions[word0 & (PARTITIONS - 1)]!;
      const mask = tags.length - 1;
      for (let slot = word1 & mask; references[slot] !== EMPTY; slot = (slot + 1) & mask) {
        if (tags[slot] === word1 && references[slot] === reference) {
          references[slot] = replacement;
          return;
        }
      }
    },
    bytes: () => partitions.reduce((sum, { tags }) => sum + 8 * tags.length, 0),
  };
}

function emptyPartition(slots: number): Partition {
  return { tags: new Uint32Array(slots), references: new Uint32Array(slots), used: 0 };
}

function put(partition: Partition, tag: number, reference: number): void {
  const { tags, references } = partition;
  const mask = tags.length - 1;
  let slot = tag & mask;
  while (references[slot] !== EMPTY) slot = (slot + 1) & mask;
  tags[slot] = tag;
  references[slot] = reference;
  partition.used += 1;
}

function grow(partition: Partition): void {
  const { tags, references } = partition;
  Object.assign(partition, emptyPartition(2 * tags.length));
  for (let slot = 0; slot < tags.length; slot += 1) {
    if (references[slot] !== EMPTY) put(partition, tags[slot]!, references[slot]!);
  }
}
