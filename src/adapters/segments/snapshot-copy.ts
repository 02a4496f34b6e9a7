/** Takes snapshots along when their journal is moved: the same state under the key and the marks of its new place. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Snapshot, type SnapshotHeader } from '../../ports/snapshot-store.ts';
import { createMac } from '../system/mac.ts';
import { writeAtomically } from './atomic-file.ts';
import { type ChainKey } from './chain-key.ts';
import { decodeSnapshot, encodeSnapshot, snapshotName, snapshotPaths } from './snapshot-store.ts';

export interface CopySnapshotsOptions {
  readonly from: string;
  readonly fromKey: ChainKey;
  /** Whether the snapshot is of the journal that was moved. */
  readonly belongs: (header: SnapshotHeader) => boolean;
  readonly to: string;
  readonly toKey: ChainKey;
  /** What ties a snapshot at `seq` to the journal in its new place; undefined when it is not there. */
  readonly tieAt: (seq: number) => Pick<SnapshotHeader, 'mac' | 'place'> | undefined;
}

/** Where the whole snapshots of a directory stand. */
export async function snapshotSeqs(directory: string, key: ChainKey): Promise<readonly number[]> {
  return (await wholeSnapshots(directory, key)).map(({ seq }) => seq);
}

export async function copySnapshots(options: CopySnapshotsOptions): Promise<void> {
  const { from, fromKey, belongs, to, toKey, tieAt } = options;
  for (const { place: _, ...snapshot } of (await wholeSnapshots(from, fromKey)).filter(belongs)) {
    const tie = tieAt(snapshot.seq);
    if (tie === undefined) continue;
    await mkdir(to, { recursive: true, mode: 0o700 });
    const bytes = encodeSnapshot({ ...snapshot, ...tie }, createMac(toKey.key));
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
