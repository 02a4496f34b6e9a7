import { createSecretKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ChainKey } from '../../../src/adapters/segments/chain-key.ts';
import { openSnapshotStore } from '../../../src/adapters/segments/snapshot-store.ts';
import { type Snapshot, type SnapshotStore } from '../../../src/ports/snapshot-store.ts';
import { aDirectory } from '../../support/directories.ts';
import { files } from '../../support/journals.ts';

const key: ChainKey = { key: createSecretKey(Buffer.alloc(32, 1)), id: new Uint8Array(16), seed: 1 };

function aSnapshot(seq: number, overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    seq,
    mac: 'ab'.repeat(32),
    catalogueHash: 'catalogue',
    engineHash: 'engine',
    versions: { model: 'v1', policy: 'p1' },
    payload: Uint8Array.from({ length: 1_000 }, (_, index) => (index * seq) & 255),
    ...overrides,
  };
}

async function aStore(
  directory = aDirectory(),
): Promise<{ store: SnapshotStore; notices: string[]; directory: string }> {
  const notices: string[] = [];
  const store = await openSnapshotStore({ directory, key, onNotice: (text) => notices.push(text) });
  return { store, notices, directory };
}

const fine = (): undefined => undefined;

it('gives the newest back as it was written, and keeps one before it', async () => {
  const { store, directory } = await aStore();
  expect(await store.newest(fine)).toBeUndefined();
  for (const seq of [5, 900, 1_000]) await store.write(aSnapshot(seq));
  expect(await store.newest(fine)).toEqual(aSnapshot(1_000));
  expect(files(directory, '')).toEqual(['snapshot-0000000000000900.bin', 'snapshot-0000000000001000.bin']);
});

it('passes over one with a turned bit or cut off anywhere, and says why', async () => {
  const { store, notices, directory } = await aStore();
  await store.write(aSnapshot(1));
  await store.write(aSnapshot(2));
  const path = join(directory, 'snapshot-0000000000000002.bin');
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 13) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << (at & 7);
    writeFileSync(path, damaged);
    expect((await store.newest(fine))?.seq).toBe(1);
    writeFileSync(path, whole.subarray(0, at));
    expect((await store.newest(fine))?.seq).toBe(1);
  }
  expect(new Set(notices.map((text) => text.slice(text.indexOf('passed over'))))).toEqual(
    new Set([
      'passed over, it is no snapshot',
      'passed over, it is cut off',
      'passed over, it does not match its MAC',
      ...notices.filter((text) => text.includes('format')).map((text) => text.slice(text.indexOf('passed over'))),
    ]),
  );
});

it('passes over one that its reader refuses, and says why', async () => {
  const { store, notices } = await aStore();
  await store.write(aSnapshot(1));
  await store.write(aSnapshot(2, { engineHash: 'other' }));
  const found = await store.newest(({ engineHash }) =>
    engineHash === 'engine' ? undefined : 'made by another engine',
  );
  expect(found?.seq).toBe(1);
  expect(notices).toEqual([
    expect.stringContaining('snapshot-0000000000000002.bin: passed over, made by another engine'),
  ]);
});

it('lets those go that are ahead of the one it writes: their history is not the journal’s any more', async () => {
  const { store, directory } = await aStore();
  for (const seq of [2, 300, 400]) await store.write(aSnapshot(seq));
  await store.write(aSnapshot(250));
  expect(files(directory, '')).toEqual(['snapshot-0000000000000250.bin']);
  await store.write(aSnapshot(260));
  expect((await store.newest(fine))?.seq).toBe(260);
});
