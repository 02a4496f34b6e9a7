import { expect, it } from 'vitest';
import { chainKey } from '../../../src/adapters/segments/chain-key.ts';
import { copySnapshots, snapshotSeqs } from '../../../src/adapters/segments/snapshot-copy.ts';
import { openSnapshotStore } from '../../../src/adapters/segments/snapshot-store.ts';
import { aDirectory } from '../../support/directories.ts';

const [OLD, NEW] = [chainKey(Buffer.alloc(32, 1)), chainKey(Buffer.alloc(32, 2))];
const facts = { catalogueHash: 'c', engineHash: 'e', versions: {} };

it('takes along what is of the journal moved, under its new key and tie, and leaves the rest behind', async () => {
  const [from, to] = [aDirectory(), aDirectory()];
  const old = await openSnapshotStore({ directory: from, key: OLD, onNotice: () => undefined });
  await old.write({ ...facts, seq: 10, mac: 'ours', payload: Uint8Array.of(1, 2, 3) });
  await old.write({ ...facts, seq: 20, mac: 'of another journal', place: '{}', payload: Uint8Array.of(4) });
  expect(await snapshotSeqs(from, OLD)).toEqual([20, 10]);
  const options = { from, fromKey: OLD, to, toKey: NEW };
  await copySnapshots({
    ...options,
    belongs: ({ mac }) => mac === 'ours',
    tieAt: (seq) => ({ mac: `at ${seq}`, place: 'there' }),
  });
  const moved = await openSnapshotStore({ directory: to, key: NEW, onNotice: () => undefined });
  const expected = { ...facts, seq: 10, mac: 'at 10', place: 'there', payload: Uint8Array.of(1, 2, 3) };
  expect(await moved.newest(() => undefined)).toEqual(expected);
  expect(await snapshotSeqs(to, NEW)).toEqual([10]);
  const nowhere = aDirectory();
  await copySnapshots({ ...options, to: nowhere, belongs: () => true, tieAt: () => undefined });
  expect(await snapshotSeqs(nowhere, NEW)).toEqual([]);
  expect(await snapshotSeqs(from, NEW)).toEqual([]); // another key
});
