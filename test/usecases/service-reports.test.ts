/** What the service says of the model in service and of a period. */
import { expect, it } from 'vitest';
import { createMemoryModelRegistry } from '../../src/adapters/memory/model-registry.ts';
import { type ModelArtifact } from '../../src/scoring/artifact.ts';
import { createServiceReports, type ServiceReportsDeps } from '../../src/usecases/service-reports.ts';

const VERSION = 'v20260101_000000';
const clock = { nowMs: () => 0, monotonicUs: () => 0 };

/** Reports on an artifact of which only what is told matters. */
function reportsOn(unusedFeatures?: readonly string[], registry = createMemoryModelRegistry(clock)) {
  const artifact: Partial<ModelArtifact> = {
    version: VERSION,
    modelType: 'logistic',
    catalogue: { name: 'sentinel', hash: 'h', features: ['amount', 'hour_of_day', 'is_night'] },
    calibrator: { toDocument: () => ({ kind: 'sigmoid' }) } as never,
    metrics: {},
    provenance: { createdMs: 0 } as never,
    ...(unusedFeatures !== undefined && { unusedFeatures }),
  };
  return createServiceReports({
    artifact,
    registry,
    policy: { thresholds: { review: 0.3, block: 0.8 } },
    clock,
  } as unknown as ServiceReportsDeps);
}

it('names the features that the model in service may read, without those it was kept from', async () => {
  expect((await reportsOn().modelInfo()).features).toEqual(['amount', 'hour_of_day', 'is_night']);
  expect((await reportsOn(['hour_of_day', 'is_night']).modelInfo()).features).toEqual(['amount']);
});

it('tells the stage of the model in service as the registry has it now', async () => {
  const registry = createMemoryModelRegistry(clock);
  const { modelInfo } = reportsOn([], registry);
  expect(await modelInfo()).toMatchObject({ modelVersion: VERSION, stage: 'none' });
  await registry.save(VERSION, new Map(), {});
  await registry.setStage(VERSION, 'production');
  expect(await modelInfo()).toMatchObject({ modelVersion: VERSION, stage: 'production' });
  await registry.save('v20260102_000000', new Map(), {});
  await registry.setStage('v20260102_000000', 'production');
  expect(await modelInfo()).toMatchObject({ modelVersion: VERSION, stage: 'archived' });
});

it('says of figures how far the ledger was behind when it was asked', async () => {
  let records = 12;
  const { stats } = createServiceReports({
    clock: { nowMs: () => 0, monotonicUs: () => 0 },
    lag: () => ({ records, ms: 0 }),
    stats: (fromMs: number, toMs: number) => {
      records = 0; // it catches up only while it is asked
      return Promise.resolve({ decisions: toMs - fromMs });
    },
  } as unknown as ServiceReportsDeps);
  expect(await stats(100, 400)).toEqual({ decisions: 300, ledgerLagRecords: 12 });
});

it('has been up for as long as it has, whatever the clock was set to meanwhile', async () => {
  let [nowMs, elapsedUs] = [7_200_000, 1_000_000];
  const { health } = createServiceReports({
    artifact: { version: 'v1' },
    clock: { nowMs: () => nowMs, monotonicUs: () => elapsedUs },
    standing: () => ({ cache: 'connected', stream: 'connected' }),
  } as unknown as ServiceReportsDeps);
  nowMs -= 3_600_000;
  elapsedUs += 1_500_000;
  expect(await health()).toMatchObject({ uptimeMs: 1_500, checkedMs: 3_600_000 });
});
