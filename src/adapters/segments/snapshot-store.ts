/**
 * Snapshots as files beside the journal.
 *
 *     offset  bytes  field (little-endian)
 *          0      8  magic "SENTSNP1"
 *          8      4  format
 *         12      4  bytes of the header
 *         16      8  bytes of the payload, f64
 *         24     32  MAC over bytes 0–23, the header and the payload
 *         56      …  header as JSON, filled up with spaces to a multiple of 8; then the payload
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, type Mac, MAC_BYTES } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { type Snapshot, type SnapshotHeader, type SnapshotStore } from '../../ports/snapshot-store.ts';
import { removeTemporaries, writeAtomically } from './atomic-file.ts';
import { type ChainKey } from './chain-key.ts';
import { createMac } from '../system/mac.ts';

const MAGIC = Uint8Array.from('SENTSNP1', (letter) => letter.charCodeAt(0));
const FORMAT = 1;
const MAC_AT = 24;
const HEADER_AT = MAC_AT + MAC_BYTES;
/** A payload begins at a multiple of this, so that arrays of doubles can be read in place. */
const PAYLOAD_ALIGNMENT = 8;
const SPACE = 32;
/** Snapshots kept: the newest, and one before it in case the newest is damaged. */
const KEPT = 2;
/** Bytes of one read. */
const READ_BYTES = 8 * 1024 * 1024;

export interface SnapshotStoreOptions {
  readonly directory: string;
  readonly key: ChainKey;
  /** Hears why a snapshot was passed over. */
  readonly onNotice: (text: string) => void;
}

export function snapshotName(seq: number): string {
  return `snapshot-${String(seq).padStart(16, '0')}.bin`;
}

/** Newest first. */
export async function snapshotPaths(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => /^snapshot-\d{16}\.bin$/.test(name));
  return names.sort((a, b) => (a < b ? 1 : -1)).map((name) => join(directory, name));
}

/** The header of the newest whole snapshot of a directory that may be in use; changes nothing. */
export async function newestSnapshotHeader(directory: string, key: ChainKey): Promise<SnapshotHeader | undefined> {
  const mac = createMac(key.key);
  const paths = await snapshotPaths(directory).catch(() => []); // without the directory there is none
  for (const path of paths) {
    const bytes = await readWhole(path).catch(() => undefined); // an old one may go meanwhile
    const found = bytes === undefined ? 'gone' : decodeSnapshot(bytes, mac);
    if (typeof found !== 'string') return found;
  }
  return undefined;
}

export async function openSnapshotStore({ directory, key, onNotice }: SnapshotStoreOptions): Promise<SnapshotStore> {
  const mac = createMac(key.key);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeTemporaries(directory);

  return {
    async write(snapshot) {
      const path = join(directory, snapshotName(snapshot.seq));
      await writeAtomically(path, encodeSnapshot(snapshot, mac));
      const paths = await snapshotPaths(directory);
      const own = paths.indexOf(path);
      for (const other of [...paths.slice(0, own), ...paths.slice(own + KEPT)]) await rm(other, { force: true });
    },
    async newest(refuse) {
      for (const path of await snapshotPaths(directory)) {
        const found = decodeSnapshot(await readWhole(path), mac);
        const reason = typeof found === 'string' ? found : await refuse(found);
        if (reason === undefined && typeof found !== 'string') return found;
        onNotice(`${path}: passed over, ${reason}`);
      }
      return undefined;
    },
  };
}

/** The bytes of a file; Node's own `readFile` reads up to 2 GiB. */
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(READ_BYTES, bytes.length - at), at);
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

export function encodeSnapshot({ payload, ...header }: Snapshot, mac: Mac): readonly Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(header satisfies SnapshotHeader));
  const text = new Uint8Array(Math.ceil(json.length / PAYLOAD_ALIGNMENT) * PAYLOAD_ALIGNMENT).fill(SPACE);
  text.set(json);
  const start = new Uint8Array(HEADER_AT);
  const view = viewOf(start);
  start.set(MAGIC);
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, text.length, true);
  view.setFloat64(16, payload.length, true);
  start.set(mac(start.subarray(0, MAC_AT), text, payload), MAC_AT);
  return [start, text, payload];
}

/** The snapshot in `bytes`, or what is wrong with them. */
export function decodeSnapshot(bytes: Uint8Array, mac: Mac): Snapshot | string {
  if (bytes.length < HEADER_AT || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return 'it is no snapshot';
  const view = viewOf(bytes);
  const format = view.getUint32(8, true);
  if (format !== FORMAT) return `format ${format} is not known to this version, which reads ${FORMAT}`;
  const payloadAt = HEADER_AT + view.getUint32(12, true);
  if (payloadAt + view.getFloat64(16, true) !== bytes.length) return 'it is cut off';
  const own = mac(bytes.subarray(0, MAC_AT), bytes.subarray(HEADER_AT));
  if (!equalBytes(own, bytes.subarray(MAC_AT, HEADER_AT))) return 'it does not match its MAC';
  // The MAC has just shown that encodeSnapshot wrote this text.
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, payloadAt))) as SnapshotHeader;
  return { ...header, payload: new Uint8Array(bytes.buffer, bytes.byteOffset + payloadAt, bytes.length - payloadAt) };
}
