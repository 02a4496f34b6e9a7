/** Where profiles live: one arena of 8-byte words in fixed chunks, with a free list for each block size. */

/** Words of one regular chunk (1 MB): small enough to waste little, large enough to be few. */
const CHUNK_BITS = 17;
const CHUNK_WORDS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_WORDS - 1;
/** Larger blocks get a chunk of their own, so that no chunk ends in a large unused rest. */
const OWN_CHUNK_WORDS = CHUNK_WORDS >> 3;
/** The first words stay unused: address 0 means "none". */
const FIRST_ADDRESS = 1;

/** Plain data of a slab, enough to make an equal one. */
export interface SlabImage {
  readonly chunks: readonly Uint32Array[];
  readonly current: number;
  readonly next: number;
  readonly free: readonly (readonly [words: number, address: number])[];
}

/** Addresses count words over all chunks, below 2^32 (32 GB). A block never crosses a chunk. */
export interface Slab {
  /** Views of the chunk that holds `address`. */
  doubles(address: number): Float64Array;
  ints(address: number): Uint32Array;
  /** Index of `address` in the doubles of its chunk; twice that in the ints. */
  offset(address: number): number;
  /** Reads a word of each cache line of a small block, so that its memory is under way before it is asked for. */
  touch(address: number): number;
  /** A block of `words`, its content undefined. */
  allocate(words: number): number;
  /** Gives a block back; `words` as it was allocated. */
  release(address: number, words: number): void;
  /** Bytes of all chunks, used or not. */
  bytes(): number;
  image(): SlabImage;
}

export function createSlab(image?: SlabImage): Slab {
  const ints: Uint32Array[] = [];
  const doubles: Float64Array[] = [];
  const free = new Map<number, number>(image?.free);
  let current = image?.current ?? 0;
  let next = image?.next ?? FIRST_ADDRESS;

  const addChunk = (words: number): number => {
    const chunk = new Float64Array(words);
    ints.push(new Uint32Array(chunk.buffer));
    return doubles.push(chunk) - 1;
  };
  for (const chunk of image?.chunks ?? []) ints[addChunk(chunk.length / 2)]!.set(chunk);
  if (ints.length === 0) current = addChunk(CHUNK_WORDS);

  return {
    doubles: (address) => doubles[address >>> CHUNK_BITS]!,
    ints: (address) => ints[address >>> CHUNK_BITS]!,
    offset: (address) => address & CHUNK_MASK,
    touch(address) {
      const words = ints[address >>> CHUNK_BITS]!;
      const at = address & CHUNK_MASK;
      return words[at * 2]! ^ words[((at + 8) & CHUNK_MASK) * 2]! ^ words[((at + 16) & CHUNK_MASK) * 2]!;
    },
    allocate(words) {
      const head = free.get(words) ?? 0;
      if (head !== 0) {
        free.set(words, ints[head >>> CHUNK_BITS]![(head & CHUNK_MASK) * 2]!);
        return head;
      }
      if (words > OWN_CHUNK_WORDS) return addChunk(words) * CHUNK_WORDS;
      if (next + words > CHUNK_WORDS) {
        current = addChunk(CHUNK_WORDS);
        next = 0;
      }
      const address = current * CHUNK_WORDS + next;
      next += words;
      return address;
    },
    release(address, words) {
      ints[address >>> CHUNK_BITS]![(address & CHUNK_MASK) * 2] = free.get(words) ?? 0;
      free.set(words, address);
    },
    bytes: () => doubles.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    image: () => ({ chunks: ints, current, next, free: [...free] }),
  };
}
