/** What the service says of the model in service and of a period. */
import { expect, it } from 'vitest';
import { type ModelArtifact } from '../../src/scoring/artifact.ts';
import { createServiceReports, type ServiceReportsDeps } from '../../src/usecases/service-reports.ts';

/** Reports on an artifact of which only what is told matters. */
function reportsOn(unusedFeatures?: readonly string[]) {
  const artifact: Partial<ModelArtifact> = {
    version: 'v1',
    modelType: 'logistic',
    catalogue: { name: 'sentinel', hash: 'h', features: ['amount', 'hour_of_day', 'is_night'] },
    calibrator: { toDocument: () => ({ kind: 'sigmoid' }) } as never,
    metrics: {},
    provenance: { createdMs: 0 } as never,
    ...(unusedFeatures !== undefined && { unusedFeatures }),
  };
  return createServiceReports({
    artifact,
    policy: { thresholds: { review: 0.3, block: 0.8 } },
    clock: { nowMs: () => 0, monotonicUs: () => 0 },
  } as unknown as ServiceReportsDeps);
}

it('names the features that the model in service may read, without those it was kept from', async () => {
  expect((await reportsOn().modelInfo()).features).toEqual(['amount', 'hour_of_day', 'is_night']);
  expect((await reportsOn(['hour_of_day', 'is_night']).modelInfo()).features).toEqual(['amount']);
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
