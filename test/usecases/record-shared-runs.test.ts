/** Where instances share, runs come on record at places that the store gives, once for a fold that has read the journal. */
import { describe, expect, it } from 'vitest';
import { createMemoryOnlineStore } from '../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../src/adapters/memory/shared-world.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { createFold } from '../../src/usecases/fold.ts';
import { recordSharedRuns } from '../../src/usecases/record-shared-runs.ts';
import { aRun } from '../support/runs.ts';
import { codec, createSharedJournal } from '../support/shared-instances.ts';

const RUNS = [
  aRun({ id: 'late', status: 'finished', startedMs: 2_000 }),
  aRun({ id: 'going' }),
  aRun({ id: 'early', status: 'killed', startedMs: 1_000 }),
];

async function anInstance() {
  const { store, state } = createMemoryOnlineStore(createMemoryWorld(Date.now));
  await (await state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
  const fold = createFold(createFeatureEngine({ catalogue: 'handbook', labelDelayMs: 1, utcOffsetMinutes: 0, merchantWindows: 'tiles' })); // prettier-ignore
  const journal = createSharedJournal();
  return { journal, fold, store, deps: { fold, store, state, journal, codec } };
}

describe('recordSharedRuns', () => {
  it('records each run that has ended, the earliest first, and confirms its place', async () => {
    const { deps, journal, store } = await anInstance();
    expect(await recordSharedRuns(deps, RUNS, new AbortController().signal)).toBe(2);
    const found = journal.records().map((record) => record.type === 'change' && [record.seq, record.subject, record.version]); // prettier-ignore
    expect(found).toEqual([[1, 'run', 'early'], [2, 'run', 'late']]); // prettier-ignore
    expect(journal.records()[0]).toMatchObject({ actor: 'ada', arrivalMs: expect.closeTo(Date.now(), -5) as number });
    expect(await store.unfinished(0, 9)).toEqual([]);
  });

  it('records none that the journal holds already, nor any once it must stop', async () => {
    const { deps, journal, fold } = await anInstance();
    const stopped = AbortSignal.abort();
    expect(await recordSharedRuns(deps, RUNS, stopped)).toBe(0);
    await recordSharedRuns(deps, RUNS.slice(0, 1), new AbortController().signal);
    for (const record of journal.records()) fold.apply(record);
    expect(await recordSharedRuns(deps, RUNS, new AbortController().signal)).toBe(1);
    expect(journal.records()).toHaveLength(2);
  });
});
