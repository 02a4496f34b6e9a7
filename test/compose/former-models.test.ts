/** What a former model decided is told as it was, whichever model came after it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { inForm } from '../../src/domain/attribute-feature.ts';
import { ARTIFACT_FILE, encodeArtifact } from '../../src/scoring/artifact.ts';
import { loadArtifact } from '../../src/usecases/load-champion.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { type Answer, aConfig, aPayment, type Client, trainQuickModel, withService } from '../support/services.ts';

const directory = keptDirectory();
const modelsDir = join(directory, 'models');
const FORMER = 'v20250101_000000';
const ATTRIBUTES = [...inForm('number', ['V1']), ...inForm('category', ['card6'])];
const registry = createFileModelRegistry(modelsDir, systemClock);
let next: string;

beforeAll(async () => {
  const trained = await trainQuickModel(modelsDir, { attributes: ATTRIBUTES });
  const artifact = await loadArtifact(registry, trained);
  const former = { ...artifact, version: FORMER, explanations: 'flagged', thresholds: { review: 0.99, block: 0.999 } } as const; // prettier-ignore
  await registry.save(FORMER, new Map([[ARTIFACT_FILE, encodeArtifact(former)]]), {});
  rmSync(join(modelsDir, trained), { recursive: true });
  next = await trainQuickModel(modelsDir, { catalogue: 'handbook' });
}, 60_000);

const PAYMENT = aPayment({ transaction_id: 't1', attributes: { V1: 2, card6: 'Debit' } });

interface Read {
  readonly answer: Answer['body'];
  readonly read: Answer['body'];
}

async function readBack(client: Client): Promise<Read> {
  const answer = (await client.post('/api/v1/predict', PAYMENT)).body;
  return { answer, read: (await client.get('/api/v1/decisions/t1')).body };
}

/** What the service says before and after another model came into production; `between` happens meanwhile. */
async function aroundPromotion(between: () => void = () => undefined): Promise<readonly [Read, Read]> {
  const config = aConfig(aDirectory(), modelsDir);
  await registry.setStage(FORMER, 'production');
  const before = await withService(config, readBack);
  await registry.setStage(next, 'production');
  between();
  return [before, await withService(config, readBack)];
}

it('with its contributions and their names', { timeout: 60_000 }, async () => {
  const [before, after] = await aroundPromotion();
  expect(before.answer).toMatchObject({ decision: 'approve', model_version: FORMER, cached: false });
  expect(before.read['contributions']).toEqual(
    expect.arrayContaining([expect.objectContaining({ feature: 'card6', value: 'debit' })]),
  );
  expect(after.answer).toEqual({ ...before.answer, cached: true });
  expect(after.read['contributions']).toEqual(before.read['contributions']);
});

it('and without them once the model is gone', { timeout: 60_000 }, async () => {
  const [, after] = await aroundPromotion(() => rmSync(join(modelsDir, FORMER), { recursive: true }));
  expect(after.read).toMatchObject({ model_version: FORMER, contributions: [] });
});
