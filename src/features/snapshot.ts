/** The engine's state as bytes: a JSON head, then the typed arrays as they lie in memory. */
import { type ProfilesImage } from './profiles.ts';
import { type SlowTables } from './slow-tables.ts';
import { type TableSumsImage } from './table-sums.ts';

export interface EngineImage {
  readonly profiles: ProfilesImage;
  readonly sums: TableSumsImage;
  readonly tables: SlowTables;
  readonly publishedHour: number;
}

/**
 * Layout, little-endian: magic u32 · format u32 · bytes of the head u32 · unused u32 · head (JSON, padded with spaces
 * to a multiple of 4) · slab chunks · index tables, each as many u32 as the head says.
 */
const MAGIC = 0x45465331;
/** Raised whenever the meaning of a byte in a profile changes. */
const FORMAT = 2;
const PREFIX_BYTES = 16;

interface Head extends Omit<EngineImage, 'profiles'> {
  readonly settings: object;
  readonly catalogueHash: string;
  readonly slab: Omit<ProfilesImage['slab'], 'chunks'> & { readonly chunks: readonly number[] };
  readonly index: { readonly tables: readonly number[]; readonly counts: readonly number[] };
  readonly sweep: ProfilesImage['sweep'];
}

export function encodeSnapshot(image: EngineImage, settings: object, catalogueHash: string): Uint8Array {
  const { profiles, ...rest } = image;
  const { chunks, ...slab } = profiles.slab;
  const { tables, counts } = profiles.index;
  const head: Head = {
    ...rest,
    settings,
    catalogueHash,
    slab: { ...slab, chunks: chunks.map((chunk) => chunk.length) },
    index: { tables: tables.map((table) => table.length), counts },
    sweep: profiles.sweep,
  };
  const text = JSON.stringify(head);
  const encoded = new TextEncoder().encode(text);
  const headBytes = Math.ceil(encoded.length / 4) * 4;
  const arrays = [...chunks, ...tables];
  const words = arrays.reduce((sum, array) => sum + array.length, 0);
  const bytes = new Uint8Array(PREFIX_BYTES + headBytes + words * 4);
  bytes.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headBytes);
  bytes.set(encoded, PREFIX_BYTES);
  const all = new Uint32Array(bytes.buffer);
  all.set([MAGIC, FORMAT, headBytes, 0]);
  let at = (PREFIX_BYTES + headBytes) / 4;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return bytes;
}

/** Throws when the bytes are damaged in form, or were written for other settings or another catalogue. */
export function decodeSnapshot(given: Uint8Array, settings: object, catalogueHash: string): EngineImage {
  const aligned = given.byteOffset % 4 === 0 && given.length % 4 === 0;
  const bytes = aligned ? given : new Uint8Array(given.subarray(0, given.length - (given.length % 4))); // a Buffer’s slice would not copy
  const all = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (all[0] !== MAGIC) throw new Error('invalid snapshot: not a snapshot of profiles');
  if (all[1] !== FORMAT) throw new Error(`invalid snapshot: format ${all[1]}, this version reads ${FORMAT}`);
  const headBytes = all[2]!;
  if (given.length < PREFIX_BYTES + headBytes) throw new Error('invalid snapshot: cut short');
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headBytes))) as Head; // written by encodeSnapshot
  if (head.catalogueHash !== catalogueHash) throw new Error('invalid snapshot: made for another feature catalogue');
  if (JSON.stringify(head.settings) !== JSON.stringify(settings)) {
    throw new Error(`invalid snapshot: made for the settings ${JSON.stringify(head.settings)}`);
  }
  let at = (PREFIX_BYTES + headBytes) / 4;
  const take = (length: number): Uint32Array => {
    const array = all.subarray(at, at + length);
    if (array.length !== length) throw new Error('invalid snapshot: cut short');
    at += length;
    return array;
  };
  const chunks = head.slab.chunks.map(take);
  const tables = head.index.tables.map(take);
  return {
    profiles: { slab: { ...head.slab, chunks }, index: { tables, counts: head.index.counts }, sweep: head.sweep },
    sums: head.sums,
    tables: head.tables,
    publishedHour: head.publishedHour,
  };
}
