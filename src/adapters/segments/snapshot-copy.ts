/** Takes snapshots along when their journal is moved: the same state under the key and the MACs of its new place. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMac } from '../system/mac.ts';
import { writeAtomically } from './atomic-file.ts';
import { type ChainKey } from './chain-key.ts';
import { decodeSnapshot, encodeSnapshot, snapshotName, snapshotPaths } from './snapshot-store.ts';
import { type Snapshot } from '../../ports/snapshot-store.ts';

export interface CopySnapshotsOptions {
  readonly from: string;
  readonly fromKey: ChainKey;
  readonly to: string;
  readonly toKey: ChainKey;
  /** The journal's MAC at a seq in its new place; a snapshot without one is left behind. */
  readonly macAt: (seq: number) => string | undefined;
}

/** Where the whole snapshots of a directory stand. */
export async function snapshotSeqs(directory: string, key: ChainKey): Promise<readonly number[]> {
  return (await wholeSnapshots(directory, key)).map(({ seq }) => seq);
}

export async function copySnapshots({ from, fromKey, to, toKey, macAt }: CopySnapshotsOptions): Promise<void> {
  for (const snapshot of await wholeSnapshots(from, fromKey)) {
    const mac = macAt(snapshot.seq);
    if (mac === undefined) continue;
    await mkdir(to, { recursive: true, mode: 0o700 });
    const bytes = encodeSnapshot({ ...snapshot, mac }, createMac(toKey.key));
    await writeAtomically(join(to, snapshotName(snapshot.seq)), bytes);
  }
}

async function wholeSnapshots(directory: string, key: ChainKey): Promise<readonly Snapshot[]> {
  if (!existsSync(directory)) return [];
  const found: Snapshot[] = [];
  for (const path of await snapshotPaths(directory)) {
    const bytes = await readFile(path).catch(() => undefined); // an old one may go meanwhile
    const snapshot = bytes && decodeSnapshot(bytes, createMac(key.key));
    if (snapshot !== undefined && typeof snapshot !== 'string') found.push(snapshot);
  }
  return found;
}
