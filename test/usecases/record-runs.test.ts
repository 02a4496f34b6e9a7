/** Ended training runs come on record once, whatever happens to the service in between. */
import { describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { type ChangeRecord } from '../../src/journal/record.ts';
import { type Run } from '../../src/ports/tracking.ts';
import { createFold, type Fold } from '../../src/usecases/fold.ts';
import { recordRuns } from '../../src/usecases/record-runs.ts';
import { aMetric, aRun } from '../support/runs.ts';
import { NOON_MS } from '../support/transactions.ts';

const aFold = (): Fold =>
  createFold(createFeatureEngine({ catalogue: 'handbook', labelDelayMs: 1, utcOffsetMinutes: 0, merchantWindows: 'tiles' })); // prettier-ignore
const ended = (id: string, startedMs: number, more: Partial<Run> = {}): Run =>
  aRun({ id, status: 'finished', startedMs, endedMs: startedMs + 60_000, model: `v${id}`, ...more });

function aService() {
  const journal = createMemoryJournal();
  const fold = aFold();
  const records = async (): Promise<ChangeRecord[]> => {
    const all: ChangeRecord[] = [];
    for await (const batch of journal.read(1)) all.push(...batch.filter((record) => record.type === 'change'));
    return all;
  };
  return { journal, fold, records, deps: { fold, journal, nowMs: () => NOON_MS } };
}

describe('recordRuns', () => {
  it('records each run that has ended, the earliest first, with the last value of each metric', async () => {
    const { deps, records } = aService();
    const metrics = [aMetric('recall', 0.4), aMetric('recall', 0.6, 1), aMetric('seconds', 7)];
    const runs = [ended('late', 2_000), aRun({ id: 'going' }), ended('early', 1_000, { metrics })];
    expect(await recordRuns(deps, runs)).toBe(2);
    const [first, second] = await records();
    expect(first).toMatchObject({ subject: 'run', version: 'early', actor: 'ada', arrivalMs: NOON_MS });
    expect(JSON.parse(first!.after)).toEqual({
      source: 'sentinel train',
      status: 'finished',
      model: 'vearly',
      commit: runs[2]!.commit,
      startedMs: 1_000,
      endedMs: 61_000,
      parameters: runs[2]!.parameters,
      metrics: { recall: 0.6, seconds: 7 },
    });
    expect(second!.version).toBe('late');
  });

  it('records none twice, also after a snapshot and after a replay, and a run that goes on when it has ended', async () => {
    const { deps, fold, journal, records } = aService();
    await recordRuns(deps, [ended('a', 1_000), aRun({ id: 'b' })]);
    const restored = aFold();
    restored.restore(fold.snapshot());
    const replayed = aFold();
    for (const record of await records()) replayed.apply(record);
    for (const again of [fold, restored, replayed]) {
      expect(await recordRuns({ ...deps, fold: again, journal: createMemoryJournal() }, [ended('a', 1_000)])).toBe(0);
    }
    expect(await recordRuns({ ...deps, journal }, [ended('a', 1_000), ended('b', 2_000, { status: 'killed' })])).toBe(
      1,
    );
    expect((await records()).map(({ version }) => version)).toEqual(['a', 'b']);
  });

  it('leaves what is in force as it was', async () => {
    const { deps, fold } = aService();
    await recordRuns(deps, [ended('a', 1_000)]);
    expect(fold.inForce('model')).toBeUndefined();
    expect(fold.inForce('run')).toBeUndefined();
  });
});
