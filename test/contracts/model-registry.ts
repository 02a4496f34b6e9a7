/** What every model registry must do, whatever keeps it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SentinelError } from '../../src/domain/errors.ts';
import { type Clock } from '../../src/ports/clock.ts';
import { type ModelRegistry } from '../../src/ports/model-registry.ts';

const FIRST = 'v20260101_000000';
const SECOND = 'v20260102_000000';

const files = (text: string): Map<string, Uint8Array> =>
  new Map([
    ['artifact.json', new TextEncoder().encode(text)],
    ['model-card.html', Uint8Array.of(0, 255, 13, 10)],
  ]);

/** A clock that stands still, so that creation times can be compared. */
export const STILL_CLOCK: Clock = { nowMs: () => 1_767_225_600_000, monotonicUs: () => 0 };

/** `open` gives an empty registry whose clock is STILL_CLOCK. */
export function describeModelRegistry(name: string, open: () => Promise<ModelRegistry>): void {
  describe(`${name} as a model registry`, () => {
    let registry: ModelRegistry;
    beforeEach(async () => {
      registry = await open();
    });

    it('begins empty', async () => {
      expect(await registry.list()).toEqual([]);
      expect(await registry.production()).toBeUndefined();
    });

    it('gives back the very bytes it was given, in order', async () => {
      await registry.save(FIRST, files('one'), { rocAuc: 0.1 + 0.2 });
      const loaded = await registry.load(FIRST);
      expect([...loaded.keys()]).toEqual(['artifact.json', 'model-card.html']);
      expect(new TextDecoder().decode(loaded.get('artifact.json'))).toBe('one');
      expect([...loaded.get('model-card.html')!]).toEqual([0, 255, 13, 10]);
    });

    it('does not let later changes of the arrays reach what was saved', async () => {
      const given = files('one');
      await registry.save(FIRST, given, {});
      given.get('model-card.html')!.fill(7);
      (await registry.load(FIRST)).get('model-card.html')!.fill(8);
      expect([...(await registry.load(FIRST)).get('model-card.html')!]).toEqual([0, 255, 13, 10]);
    });

    it('lists versions newest first with stage, time and metrics', async () => {
      await registry.save(SECOND, files('two'), { averagePrecision: 0.75 });
      await registry.save(FIRST, files('one'), {});
      expect(await registry.list()).toEqual([
        { version: SECOND, stage: 'none', createdMs: STILL_CLOCK.nowMs(), metrics: { averagePrecision: 0.75 } },
        { version: FIRST, stage: 'none', createdMs: STILL_CLOCK.nowMs(), metrics: {} },
      ]);
    });

    it('has one version in production at most and archives the former', async () => {
      await registry.save(FIRST, files('one'), {});
      await registry.save(SECOND, files('two'), {});
      await registry.setStage(FIRST, 'production');
      expect(await registry.production()).toBe(FIRST);
      await registry.setStage(SECOND, 'production');
      expect(await registry.production()).toBe(SECOND);
      expect((await registry.list()).map(({ stage }) => stage)).toEqual(['production', 'archived']);
      await registry.setStage(SECOND, 'staging');
      expect(await registry.production()).toBeUndefined();
    });

    it('keeps one production version when two are promoted at once', async () => {
      await registry.save(FIRST, files('one'), {});
      await registry.save(SECOND, files('two'), {});
      await Promise.all([registry.setStage(FIRST, 'production'), registry.setStage(SECOND, 'production')]);
      expect((await registry.list()).map(({ stage }) => stage).sort()).toEqual(['archived', 'production']);
    });

    it('leaves production as it is when the version in production is set to production again', async () => {
      await registry.save(FIRST, files('one'), {});
      await registry.setStage(FIRST, 'production');
      await registry.setStage(FIRST, 'production');
      expect(await registry.production()).toBe(FIRST);
    });

    it('refuses a version that exists and keeps the first', async () => {
      await registry.save(FIRST, files('one'), {});
      await expect(registry.save(FIRST, files('other'), {})).rejects.toThrow(/exists already/);
      expect(new TextDecoder().decode((await registry.load(FIRST)).get('artifact.json'))).toBe('one');
    });

    it.each(['v20990101_000000', '../secret', ''])('does not know the version “%s”', async (version) => {
      await registry.save(FIRST, files('one'), {});
      for (const attempt of [registry.load(version), registry.setStage(version, 'production')]) {
        const error: unknown = await attempt.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(SentinelError);
        expect((error as SentinelError).code).toBe('NOT_FOUND');
      }
    });
  });
}
