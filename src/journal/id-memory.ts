/** What is remembered of answered ids: exactly for recent ones, the segment alone for older ones. */
import { fingerprint } from './fingerprint.ts';
import { HASH_WORDS, hashWord, wordText } from './hash-bytes.ts';
import { createIdTable, ENTRY_LIMIT, entryReference, olderSegment, segmentReference } from './id-table.ts';

/** Entries of one chunk: memory is taken and given back by so many. */
const CHUNK = 65_536;
const CHUNKS = ENTRY_LIMIT / CHUNK;
/** Words of fingerprint and request hash together. */
const WORDS = 8;

/** Ids of one segment, column by column, row by row the same id. */
export interface IdColumns {
  /** What `seqs` count from. */
  readonly firstSeq: number;
  /** [ids, 4] */
  readonly fingerprints: Uint32Array;
  /** [ids, 4] */
  readonly requestHashes: Uint32Array;
  readonly seqs: Uint32Array;
  /** Of the record's frame in the segment. */
  readonly offsets: Uint32Array;
}

/** Calls `work` with 0 to `count` − 1, in order; other things may happen in between. */
export type InSlices = (count: number, work: (index: number) => void) => Promise<void>;

export interface RememberedId {
  readonly seq: number;
  readonly requestHash: string;
  readonly segment: number;
  /** Where the record's frame lies: in its segment once committed, till then in its block. */
  readonly offset: number;
}

export interface IdMemory {
  /** Remembers an id answered now, its frame at `offset` of the block being filled. The first of equal ids counts. */
  add(transactionId: string, requestHash: string, seq: number, offset: number): void;
  /** Tells where the entries since the last call went: `base` is added to their offsets. */
  place(count: number, segment: number, base: number): void;
  find(transactionId: string): RememberedId | 'elsewhere' | undefined;
  /** Segments that may hold an older id, likeliest first. */
  olderSegments(transactionId: string): readonly number[];
  /** Makes room for `count` ids at once. */
  reserve(count: number): void;
  /** Takes over a sealed segment's entries: exactly, or by segment alone when `recent` is false. */
  load(columns: IdColumns, segment: number, recent: boolean): void;
  /** The entries of [first, end), counted since the memory was created. */
  columns(first: number, end: number, inSlices: InSlices): Promise<IdColumns>;
  /** How many entries were ever added or loaded exactly, how many of them have their place, how many are exact now. */
  end(): number;
  placed(): number;
  exact(): number;
  /** Turns at most `count` of the oldest exact entries before `end` into older ones; returns how many are left to turn. */
  retire(end: number, count: number): number;
  bytes(): number;
}

type EntryPlace = Pick<RememberedId, 'seq' | 'segment' | 'offset'>;

interface Chunk {
  readonly words: Uint32Array;
  readonly seqs: Float64Array;
  readonly segments: Uint32Array;
  readonly offsets: Uint32Array;
}

export function createIdMemory(seed: number): IdMemory {
  const table = createIdTable();
  const chunks = new Array<Chunk | undefined>(1);
  const key = new Uint32Array(HASH_WORDS);
  const hash = new Uint32Array(HASH_WORDS);
  let first = 0;
  let placed = 0;
  let end = 0;
  let found = -1;
  let older = false;

  const chunkOf = (entry: number): Chunk => chunks[Math.floor(entry / CHUNK) % CHUNKS]!;

  /** The entry a reference names: the one of its residue that is still remembered. */
  const entryOf = (reference: number): number => {
    const residue = reference - 1;
    return residue + Math.ceil((first - residue) / ENTRY_LIMIT) * ENTRY_LIMIT;
  };

  const visit = (reference: number): boolean => {
    if (olderSegment(reference) !== undefined) {
      older = true;
      return false;
    }
    const entry = entryOf(reference);
    const { words } = chunkOf(entry);
    const at = (entry % CHUNK) * WORDS;
    if (words[at] !== key[0] || words[at + 1] !== key[1] || words[at + 2] !== key[2] || words[at + 3] !== key[3]) {
      return false;
    }
    found = entry;
    return true;
  };

  const seek = (): boolean => {
    older = false;
    return table.find(key[0]!, key[1]!, visit);
  };

  /** Adds the entry whose fingerprint and request hash are words[at, at + 4) and hashes[at, at + 4). */
  const push = (words: Uint32Array, hashes: Uint32Array, at: number, place: EntryPlace): void => {
    const chunk = (chunks[Math.floor(end / CHUNK) % CHUNKS] ??= emptyChunk());
    const index = end % CHUNK;
    for (let word = 0; word < HASH_WORDS; word += 1) {
      chunk.words[index * WORDS + word] = words[at + word]!;
      chunk.words[index * WORDS + HASH_WORDS + word] = hashes[at + word]!;
    }
    chunk.seqs[index] = place.seq;
    chunk.segments[index] = place.segment;
    chunk.offsets[index] = place.offset;
    table.insert(words[at]!, words[at + 1]!, entryReference(end));
    end += 1;
  };

  const keyOf = (transactionId: string): void => fingerprint(transactionId, seed, key, 0);

  return {
    add(transactionId, requestHash, seq, offset) {
      keyOf(transactionId);
      for (let word = 0; word < HASH_WORDS; word += 1) hash[word] = hashWord(requestHash, word);
      push(key, hash, 0, { seq, segment: 0, offset });
    },
    place(count, segment, base) {
      for (const last = placed + count; placed < last; placed += 1) {
        const chunk = chunkOf(placed);
        const at = placed % CHUNK;
        chunk.segments[at] = segment;
        chunk.offsets[at]! += base;
      }
    },
    find(transactionId) {
      keyOf(transactionId);
      if (!seek()) return older ? 'elsewhere' : undefined;
      const { words, seqs, segments, offsets } = chunkOf(found);
      const at = found % CHUNK;
      const hashAt = at * WORDS + HASH_WORDS;
      return {
        seq: seqs[at]!,
        requestHash:
          wordText(words[hashAt]!) +
          wordText(words[hashAt + 1]!) +
          wordText(words[hashAt + 2]!) +
          wordText(words[hashAt + 3]!),
        segment: segments[at]!,
        offset: offsets[at]!,
      };
    },
    olderSegments(transactionId) {
      keyOf(transactionId);
      const segments: number[] = [];
      table.find(key[0]!, key[1]!, (reference) => {
        const segment = olderSegment(reference);
        if (segment !== undefined) segments.push(segment);
        return false;
      });
      return segments;
    },
    load(columns, segment, recent) {
      const { firstSeq, fingerprints, requestHashes, seqs, offsets } = columns;
      const reference = segmentReference(segment);
      for (let index = 0; index < offsets.length; index += 1) {
        const at = HASH_WORDS * index;
        if (recent) {
          const place = { seq: firstSeq + seqs[index]!, segment, offset: offsets[index]! };
          push(fingerprints, requestHashes, at, place);
        } else table.insert(fingerprints[at]!, fingerprints[at + 1]!, reference);
      }
      if (recent) placed = end;
    },
    reserve: (count) => table.reserve(count),
    columns: (from, to, inSlices) => collect(from, to, chunkOf, inSlices),
    end: () => end,
    placed: () => placed,
    exact: () => end - first,
    retire(limit, count) {
      for (const last = Math.min(limit, first + count); first < last; first += 1) {
        const { words, segments } = chunkOf(first);
        const at = first % CHUNK;
        const reference = segmentReference(segments[at]!);
        table.redirect(words[at * WORDS]!, words[at * WORDS + 1]!, entryReference(first), reference);
        if (at === CHUNK - 1) chunks[Math.floor(first / CHUNK) % CHUNKS] = undefined;
      }
      return Math.max(0, limit - first);
    },
    bytes: () => table.bytes() + chunks.filter((chunk) => chunk !== undefined).length * CHUNK * (4 * WORDS + 16),
  };
}

function emptyChunk(): Chunk {
  return {
    words: new Uint32Array(CHUNK * WORDS),
    seqs: new Float64Array(CHUNK),
    segments: new Uint32Array(CHUNK),
    offsets: new Uint32Array(CHUNK),
  };
}

async function collect(
  from: number,
  to: number,
  chunkOf: (entry: number) => Chunk,
  inSlices: InSlices,
): Promise<IdColumns> {
  const count = to - from;
  const firstSeq = count === 0 ? 0 : chunkOf(from).seqs[from % CHUNK]!;
  const columns = {
    firstSeq,
    fingerprints: new Uint32Array(4 * count),
    requestHashes: new Uint32Array(4 * count),
    seqs: new Uint32Array(count),
    offsets: new Uint32Array(count),
  };
  await inSlices(count, (index) => {
    const chunk = chunkOf(from + index);
    const at = (from + index) % CHUNK;
    columns.fingerprints.set(chunk.words.subarray(at * WORDS, at * WORDS + 4), 4 * index);
    columns.requestHashes.set(chunk.words.subarray(at * WORDS + 4, at * WORDS + 8), 4 * index);
    columns.seqs[index] = chunk.seqs[at]! - firstSeq;
    columns.offsets[index] = chunk.offsets[at]!;
  });
  return columns;
}
