/** What everything that keeps runs must do. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Clock } from '../../src/ports/clock.ts';
import { type Tracking } from '../../src/ports/tracking.ts';
import { aMetric, FACTS } from '../support/runs.ts';

const START_MS = 1_767_225_600_000;

/** A clock that goes on by a second at each look. */
export function aTickingClock(): Clock {
  let seconds = 0;
  return { nowMs: () => START_MS + 1_000 * seconds++, monotonicUs: () => 0 };
}

/** `open` gives a place without runs, on the clock given. */
export function describeTracking(name: string, open: (clock: Clock) => Promise<Tracking>): void {
  describe(`${name} as tracking`, () => {
    let tracking: Tracking;
    beforeEach(async () => {
      tracking = await open(aTickingClock());
    });

    it('begins empty', async () => {
      expect(await tracking.list()).toEqual([]);
      await expect(tracking.get('0'.repeat(32))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('keeps a run from its start to its end, part by part', async () => {
      const run = await tracking.start(FACTS);
      expect(await tracking.get(run.id)).toMatchObject({
        ...FACTS,
        id: run.id,
        status: 'running',
        startedMs: START_MS,
      });
      await run.add({ metrics: [aMetric('rocAuc', 0.7, 0)], parameters: { rows: '5' } });
      await run.add({ metrics: [aMetric('rocAuc', 0.8, 1), aMetric('empty', NaN)], artifacts: new Map([['a/b.txt', Uint8Array.of(1, 2)]]) }); // prettier-ignore
      await run.finish({ status: 'finished', model: 'v20260101_000000' });
      const kept = await tracking.get(run.id.slice(0, 8));
      expect(kept).toMatchObject({ status: 'finished', endedMs: START_MS + 1_000, model: 'v20260101_000000' });
      expect(kept.parameters).toEqual({ ...FACTS.parameters, rows: '5' });
      expect(kept.metrics.map(({ value }) => value)).toEqual([0.7, 0.8]); // a value that is none is left out
      expect([...(await tracking.readArtifact(run.id, 'a/b.txt'))]).toEqual([1, 2]);
      await expect(tracking.readArtifact(run.id, 'a/c.txt')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('lists runs newest first, failed ones with the reason', async () => {
      const first = await tracking.start(FACTS);
      const second = await tracking.start(FACTS);
      await first.finish({ status: 'failed', problem: 'no data' });
      expect(await tracking.list()).toMatchObject([
        { id: second.id, status: 'running' },
        { id: first.id, status: 'failed', problem: 'no data' },
      ]);
    });
  });
}
