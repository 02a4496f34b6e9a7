/** From the 128-bit key of an entity to the address of its profile: open addressing in typed arrays. */
import { type Slab } from './slab.ts';

/** Tables chosen by the top bits of the key: each grows alone, so no growth stalls a payment for long. */
const TABLE_BITS = 6;
const FIRST_SLOTS = 16;
/** Share of slots in use at which a table doubles. */
const MAX_LOAD = 0.75;

export interface EntityIndexImage {
  readonly tables: readonly Uint32Array[];
  readonly counts: readonly number[];
}

/** A slot holds two words: the first word of the key, and the address (0: free). A profile begins with its whole key. */
export interface EntityIndex {
  /** The address of the profile with this key; 0 when there is none. */
  find(key: Uint32Array): number;
  /** The address in the first slot where the key may lie: most often the one `find` finds, without waiting to compare. */
  guess(key: Uint32Array): number;
  /** Adds a key that is not there yet. */
  add(key: Uint32Array, address: number): void;
  /** Tells the index that the profile at `from` has moved. */
  move(key: Uint32Array, from: number, to: number): void;
  /** Address in slot `slot` of table `table`, 0 when free; undefined past the end of the table. */
  at(table: number, slot: number): number | undefined;
  readonly tableCount: number;
  size(): number;
  bytes(): number;
  image(): EntityIndexImage;
}

export function createEntityIndex(slab: Slab, image?: EntityIndexImage): EntityIndex {
  const tableCount = 1 << TABLE_BITS;
  const tables: Uint32Array[] = Array.from(
    { length: tableCount },
    (_, i) => image?.tables[i]?.slice() ?? new Uint32Array(FIRST_SLOTS * 2),
  );
  const counts = Array.from({ length: tableCount }, (_, i) => image?.counts[i] ?? 0);

  const place = (table: Uint32Array, tag: number, address: number): void => {
    const mask = table.length / 2 - 1;
    let slot = tag & mask;
    while (table[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    table[slot * 2] = tag;
    table[slot * 2 + 1] = address;
  };

  const grown = (table: Uint32Array): Uint32Array => {
    const larger = new Uint32Array(table.length * 2);
    for (let i = 0; i < table.length; i += 2) if (table[i + 1] !== 0) place(larger, table[i]!, table[i + 1]!);
    return larger;
  };

  return {
    tableCount,
    find(key) {
      const tag = key[0]!;
      const table = tables[key[1]! >>> (32 - TABLE_BITS)]!;
      const mask = (table.length >> 1) - 1;
      for (let slot = tag & mask; ; slot = (slot + 1) & mask) {
        const address = table[slot * 2 + 1]!;
        if (address === 0) return 0;
        if (table[slot * 2] !== tag) continue;
        const words = slab.ints(address);
        const at = slab.offset(address) * 2;
        if (words[at + 1] === key[1] && words[at + 2] === key[2] && words[at + 3] === key[3]) return address;
      }
    },
    guess(key) {
      const table = tables[key[1]! >>> (32 - TABLE_BITS)]!;
      return table[(key[0]! & ((table.length >> 1) - 1)) * 2 + 1]!;
    },
    add(key, address) {
      const which = key[1]! >>> (32 - TABLE_BITS);
      const slots = tables[which]!.length / 2;
      if (++counts[which]! > slots * MAX_LOAD) tables[which] = grown(tables[which]!);
      place(tables[which]!, key[0]!, address);
    },
    move(key, from, to) {
      const table = tables[key[1]! >>> (32 - TABLE_BITS)]!;
      const mask = table.length / 2 - 1;
      let slot = key[0]! & mask;
      while (table[slot * 2 + 1] !== from) slot = (slot + 1) & mask;
      table[slot * 2 + 1] = to;
    },
    at: (table, slot) => tables[table]![slot * 2 + 1],
    size: () => counts.reduce((sum, count) => sum + count, 0),
    bytes: () => tables.reduce((sum, table) => sum + table.byteLength, 0),
    image: () => ({ tables, counts }),
  };
}
