/**
 * Where fingerprints lead: 256 small open-addressing tables of (tag, reference), 8 bytes a slot.
 *
 * Each table grows alone, so that no insertion pauses for a rehash of everything. A reference below 2^31 names a
 * remembered entry, one above names the segment that holds an older one.
 */

const PARTITIONS = 256;
const PARTITION_SHIFT = 24;
const FIRST_SLOTS = 64;
/** Slots in use above which a table doubles: beyond it linear probing grows long. */
const MAX_LOAD = 0.6;
/** How much fuller than the average a table may turn out: fingerprints fall evenly, but not exactly so. */
const SPREAD = 1.05;
const EMPTY = 0;
const OLDER = 0x8000_0000;

export interface IdTable {
  /** Calls `visit` with each reference under the fingerprint's tag until it returns true. */
  find(word0: number, word1: number, visit: (reference: number) => boolean): boolean;
  insert(word0: number, word1: number, reference: number): void;
  /** Makes the slot with `reference` under this tag lead to `replacement`. */
  redirect(word0: number, word1: number, reference: number, replacement: number): void;
  /** Makes room for `count` more, so that none of them causes a rehash. */
  reserve(count: number): void;
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
  // By the highest bits, which indexes are sorted by: loading one fills table after table.
  const partitionOf = (word0: number): Partition => partitions[word0 >>> PARTITION_SHIFT]!;
  return {
    find(word0, word1, visit) {
      const { tags, references } = partitionOf(word0);
      const mask = tags.length - 1;
      for (let slot = word1 & mask; references[slot] !== EMPTY; slot = (slot + 1) & mask) {
        if (tags[slot] === word1 && visit(references[slot]!)) return true;
      }
      return false;
    },
    insert(word0, word1, reference) {
      const partition = partitionOf(word0);
      if (partition.used + 1 > partition.tags.length * MAX_LOAD) resize(partition, 2 * partition.tags.length);
      put(partition, word1, reference);
    },
    redirect(word0, word1, reference, replacement) {
      const { tags, references } = partitionOf(word0);
      const mask = tags.length - 1;
      for (let slot = word1 & mask; references[slot] !== EMPTY; slot = (slot + 1) & mask) {
        if (tags[slot] === word1 && references[slot] === reference) {
          references[slot] = replacement;
          return;
        }
      }
    },
    reserve(count) {
      const each = (count / PARTITIONS) * SPREAD;
      for (const partition of partitions) {
        const slots = 2 ** Math.ceil(Math.log2((partition.used + each) / MAX_LOAD));
        if (slots > partition.tags.length) resize(partition, slots);
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

function resize(partition: Partition, slots: number): void {
  const { tags, references } = partition;
  Object.assign(partition, emptyPartition(slots));
  for (let slot = 0; slot < tags.length; slot += 1) {
    if (references[slot] !== EMPTY) put(partition, tags[slot]!, references[slot]!);
  }
}
