/** What finishes payments that were begun under another model than the one in service. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryOnlineStore } from '../../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../../src/adapters/memory/shared-world.ts';
import { createFileModelRegistry } from '../../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { type Champions, createChampions } from '../../../src/compose/shared/former-champions.ts';
import { catalogueFor } from '../../../src/features/catalogue.ts';
import { type PinnedVersions } from '../../../src/journal/record.ts';
import { ARTIFACT_FILE, encodeArtifact } from '../../../src/scoring/artifact.ts';
import { type Champion } from '../../../src/usecases/judge.ts';
import { championOf, loadArtifact, policyOf } from '../../../src/usecases/load-champion.ts';
import { keptDirectory } from '../../support/directories.ts';
import { sha256 } from '../../support/policies.ts';
import { trainQuickModel } from '../../support/services.ts';

const registry = createFileModelRegistry(keptDirectory(), systemClock);
const FORMER = 'v20250101_000000';
const DAMAGED = 'v20250101_000001';
let current: Champion;

beforeAll(async () => {
  const directory = keptDirectory();
  const version = await trainQuickModel(directory);
  const artifact = await loadArtifact(createFileModelRegistry(directory, systemClock), version);
  current = championOf(artifact, policyOf(artifact, sha256), catalogueFor(artifact.featureSettings));
  await registry.save(FORMER, new Map([[ARTIFACT_FILE, encodeArtifact({ ...artifact, version: FORMER })]]), {});
  await registry.save(DAMAGED, new Map([[ARTIFACT_FILE, Uint8Array.of(1, 2, 3)]]), {});
}, 60_000);

function someChampions(): { readonly champions: Champions; readonly read: readonly string[] } {
  const { state } = createMemoryOnlineStore(createMemoryWorld(Date.now));
  const read: string[] = [];
  const load: typeof registry.load = (version) => {
    read.push(version);
    return registry.load(version);
  };
  return { champions: createChampions({ state, registry: { ...registry, load }, current: () => current }), read };
}

const pinned = (model: string): PinnedVersions => {
  const { version: policy, listsVersion: lists } = current.policy;
  return { model, policy, lists, catalogue: current.catalogue.hash, tables: 0 };
};

describe('a former model', () => {
  it('is read once, however many payments were begun under it', async () => {
    const { champions, read } = someChampions();
    const first = await Promise.all(Array.from({ length: 20 }, () => champions.find(pinned(FORMER))));
    expect(new Set([...first, await champions.find(pinned(FORMER))]).size).toBe(1);
    expect(first[0]?.scorer.version).toBe(FORMER);
    expect(read).toEqual([FORMER]);
  });

  it('that is not here is looked for again: it may be copied here later', async () => {
    const { champions } = someChampions();
    const elsewhere = 'v20250101_000002';
    expect(await champions.find(pinned(elsewhere))).toBeUndefined();
    await registry.save(elsewhere, await registry.load(FORMER), {});
    expect(await champions.find(pinned(elsewhere))).toBeDefined();
  });

  it('that is damaged is nothing the payment is to blame for', async () => {
    const { champions } = someChampions();
    await expect(champions.find(pinned(DAMAGED))).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringContaining(DAMAGED) as string,
    });
  });
});
