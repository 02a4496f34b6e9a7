import { expect, it } from 'vitest';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { rehearseMessages } from '../../src/compose/worker-rehearsal.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { championOf, loadArtifact, policyOf } from '../../src/usecases/load-champion.ts';
import { keptDirectory } from '../support/directories.ts';
import { sha256 } from '../support/policies.ts';
import { trainQuickModel } from '../support/services.ts';

const scratch = keptDirectory();

it('a worker has decided thousands of payments before the first real one, on nothing that is shared', async () => {
  const artifact = await loadArtifact(createFileModelRegistry(scratch, systemClock), await trainQuickModel(scratch));
  const settings = artifact.featureSettings;
  const champion = championOf(artifact, policyOf(artifact, sha256), createFeatureEngine(settings).catalogue);
  expect(await rehearseMessages(champion, settings)).toBe(3_200);
});
