/** What every tracking server must do, in memory or real. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TrackingServer } from '../../src/ports/tracking-server.ts';
import { aMetric, aRun } from '../support/runs.ts';

const aRunId = (): string => randomBytes(16).toString('hex');

/** `open` gives a server that has no runs and no models yet. */
export function describeTrackingServer(name: string, open: () => Promise<TrackingServer>): void {
  describe(`${name} as a tracking server`, () => {
    let server: TrackingServer;
    beforeAll(async () => {
      server = await open();
    });

    it('has no models at first', async () => {
      expect(await server.models()).toEqual({ models: [], aliases: {} });
    });

    it('opens the same run however often it is asked', async () => {
      const [one, other] = [aRun({ id: aRunId() }), aRun({ id: aRunId() })];
      const opened = await server.openRun(one);
      expect(await server.openRun(one)).toEqual(opened);
      expect((await server.openRun(other)).id).not.toBe(opened.id);
    });

    it('says whether it knows a run', async () => {
      const run = await server.openRun(aRun({ id: aRunId() }));
      expect(await server.hasRun(run)).toBe(true);
      expect(await server.hasRun({ ...run, id: aRunId() })).toBe(false);
    });

    it('takes more values than fit in one call, strange names, and everything twice', async () => {
      const run = await server.openRun(aRun({ id: aRunId() }));
      const metrics = Array.from({ length: 2_345 }, (_, step) => aMetric('averagePrecision', step / 2_345, step));
      const parameters = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`setting (${i}) é`, 'x'.repeat(i)]));
      const inputs = [{ path: 'data/p.csv', bytes: 3, md5: 'a'.repeat(32), sha256: 'b'.repeat(64) }];
      const importance = [{ feature: 'amount', meanShap: 0.5, gainShare: 1 }];
      for (let i = 0; i < 2; i++) await server.addToRun(run, { metrics, parameters, inputs, importance });
      const table = JSON.parse(new TextDecoder().decode(await server.readArtifact(run, 'feature_importance.json'))) as unknown; // prettier-ignore
      expect(table).toEqual({ columns: ['feature', 'mean_abs_shap', 'gain_share'], data: [['amount', 0.5, 1]] });
    });

    it('gives files back to the byte, the latest under each name', async () => {
      const run = await server.openRun(aRun({ id: aRunId() }));
      const bytes = new Uint8Array(randomBytes(300_000));
      await server.putArtifact(run, 'model/a b.bin', Uint8Array.of(1));
      await server.putArtifact(run, 'model/a b.bin', bytes);
      expect(Buffer.from(await server.readArtifact(run, 'model/a b.bin')).equals(bytes)).toBe(true);
      await expect(server.readArtifact(run, 'model/none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('registers a version once, and moves stages and aliases one by one', async () => {
      const run = await server.openRun(aRun({ id: aRunId() }));
      const [first, second, third] = ['v20260101_000000', 'v20260102_000000', 'v20260103_000000'] as const;
      const one = await server.registerModel(run, first);
      expect(await server.registerModel(run, first)).toBe(one);
      const two = await server.registerModel(run, second);
      const three = await server.registerModel(run, third);
      await server.setStage(one, 'production');
      await server.setStage(two, 'production');
      await server.setStage(two, 'staging');
      await server.setStage(three, 'archived');
      await server.setAlias('champion', one);
      await server.setAlias('challenger', one);
      await server.setAlias('challenger', two);
      const { models, aliases } = await server.models();
      expect(models.toSorted((a, b) => Number(a.number) - Number(b.number))).toEqual([
        { number: one, version: first, stage: 'production' },
        { number: two, version: second, stage: 'staging' },
        { number: three, version: third, stage: 'archived' },
      ]);
      expect(aliases).toEqual({ champion: one, challenger: two });
      for (let i = 0; i < 2; i++) await server.setAlias('champion', undefined);
      expect((await server.models()).aliases).toEqual({ challenger: two });
    });

    it('refuses what is not there by name', async () => {
      await expect(server.setStage('999', 'staging')).rejects.toMatchObject({ code: 'TRACKING_REFUSED' });
      const gone = { id: '0'.repeat(32), artifactRoot: 'mlflow-artifacts:/1/0/artifacts' };
      await expect(server.endRun(gone, { status: 'finished', endedMs: 1 })).rejects.toMatchObject({
        code: 'TRACKING_REFUSED',
      });
    });

    it('ends a run, also twice', async () => {
      const run = await server.openRun(aRun({ id: aRunId() }));
      const end = { status: 'failed', problem: 'no data', endedMs: 1_767_225_700_000 } as const;
      for (let i = 0; i < 2; i++) await server.endRun(run, end);
    });
  });
}
