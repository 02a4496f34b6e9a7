import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { createMemoryLedgerStore } from '../../src/adapters/memory/ledger-store.ts';
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { surveyFrames, takeRecords } from '../../src/journal/frame.ts';
import { type Journal } from '../../src/ports/journal.ts';
import { type LedgerBatch, type LedgerStore } from '../../src/ports/ledger-store.ts';
import {
  createLedgerProjector,
  type LedgerProjector,
  type LedgerProjectorDeps,
  type LedgerProjectorOptions,
  serverPace,
} from '../../src/usecases/project-ledger.ts';
import { aDecisionOf } from '../support/unplaced-records.ts';
import { NOON_MS } from '../support/transactions.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';

interface Scene {
  readonly journal: Journal;
  readonly ledger: LedgerStore;
  readonly errors: unknown[];
  readonly pauses: number[];
  /** Milliseconds one projection takes, by its number of records. */
  tookMs: (records: number) => number;
  nowMs: number;
  append(count: number, arrivalMs?: number): Promise<void>;
  start(deps?: Partial<LedgerProjectorDeps>, options?: Partial<LedgerProjectorOptions>): LedgerProjector;
}

function aScene(): Scene {
  const journal = createMemoryJournal();
  const inner = createMemoryLedgerStore();
  let elapsedMs = 0;
  let appended = 0;
  const scene: Scene = {
    journal,
    ledger: {
      ...inner,
      async project(batch) {
        elapsedMs += scene.tookMs(surveyFrames(batch.frames).count);
        await inner.project(batch);
      },
    },
    errors: [],
    pauses: [],
    tookMs: () => 1,
    nowMs: NOON_MS,
    async append(count, arrivalMs = NOON_MS) {
      let last = Promise.resolve();
      for (let i = 0; i < count; i++) last = journal.append(aDecisionOf(`t${++appended}`, { arrivalMs })).committed;
      await last;
    },
    start(deps = {}, options = {}) {
      const projector = createLedgerProjector(
        {
          journal,
          ledger: scene.ledger,
          places: { ledger: 'the ledger here', journal: 'the journal there' },
          clock: { nowMs: () => scene.nowMs, monotonicUs: () => elapsedMs * 1000 },
          pause: async (ms) => {
            scene.pauses.push(ms);
            await new Promise((resolve) => setImmediate(resolve));
          },
          onError: (error) => scene.errors.push(error),
          ...deps,
        },
        { cpuShare: 0.5, ...options },
      );
      onTestFinished(() => projector.stop());
      return projector;
    },
  };
  return scene;
}

/** The first records of a journal as a batch. */
async function firstOf(journal: Journal, count: number): Promise<LedgerBatch> {
  return { source: JOURNAL_SOURCE, after: 0, upTo: count, frames: await journal.tail(1).take(count) };
}

describe('the ledger projector', () => {
  it('catches up with what was there and follows what comes', async () => {
    const scene = aScene();
    await scene.append(300);
    const projector = scene.start();
    await projector.flush();
    expect(await scene.ledger.position(JOURNAL_SOURCE)).toBe(300);
    await scene.append(40);
    await projector.flush();
    await scene.append(2);
    await projector.flush();
    expect(await scene.ledger.position(JOURNAL_SOURCE)).toBe(342);
    expect((await scene.ledger.decisions({ limit: 1 })).rows[0]?.transaction.transactionId).toBe('t342');
    expect(scene.errors).toEqual([]);
  });

  it('goes on from where the ledger stands', async () => {
    const scene = aScene();
    await scene.append(20);
    await scene.ledger.project(await firstOf(scene.journal, 7));
    const seen: number[] = [];
    const project: LedgerStore['project'] = (batch) => {
      seen.push(...takeRecords(batch.frames, PRIMITIVES).map(({ seq }) => seq));
      return scene.ledger.project(batch);
    };
    await scene.start({ ledger: { ...scene.ledger, project } }).flush();
    expect(seen).toEqual(Array.from({ length: 13 }, (_, i) => i + 8));
  });

  it('tells how many records are waiting and how old the oldest is', async () => {
    const scene = aScene();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const project: LedgerStore['project'] = async (batch) => {
      await gate;
      await scene.ledger.project(batch);
    };
    const projector = scene.start({ ledger: { ...scene.ledger, project } });
    expect(projector.lag()).toEqual({ records: 0, ms: 0 });
    await scene.append(3, NOON_MS);
    await scene.append(2, NOON_MS + 900);
    scene.nowMs = NOON_MS + 1500;
    expect(projector.lag()).toEqual({ records: 5, ms: 1500 });
    open();
    await projector.flush();
    expect(projector.lag()).toEqual({ records: 0, ms: 0 });
  });

  it('tries again after a failure, from the ledger’s position, and says what failed', async () => {
    const scene = aScene();
    let failures = 2;
    const project: LedgerStore['project'] = async (batch) => {
      if (failures-- > 0) throw new Error('disk');
      await scene.ledger.project(batch);
    };
    const projector = scene.start({ ledger: { ...scene.ledger, project } });
    await scene.append(30);
    await projector.flush();
    expect(scene.errors).toHaveLength(2);
    expect(scene.pauses.slice(0, 2)).toEqual([500, 1000]);
    expect((await scene.ledger.stats(0, NOON_MS * 2)).decisions).toBe(30);
  });

  describe('before a ledger with records of another journal', () => {
    /** Its ledger holds nine records of another journal. */
    async function aForeignScene(): Promise<Scene> {
      const [scene, other] = [aScene(), aScene()];
      await other.append(9, NOON_MS - 1);
      await scene.ledger.project(await firstOf(other.journal, 9));
      return scene;
    }
    const problemOf = ({ errors }: Scene): unknown => errors.at(-1);

    it.each([4, 9, 12])('leaves it as it is, and says so, when the journal ends at record %i', async (records) => {
      const scene = await aForeignScene();
      await scene.append(records);
      scene.start();
      await expect.poll(() => problemOf(scene)).toMatchObject({ code: 'LEDGER_OF_ANOTHER_JOURNAL' });
      const { message } = problemOf(scene) as Error;
      expect(message).toContain('the ledger here');
      expect(message).toContain('the journal there');
      expect(message).toMatch(
        records < 9 ? /ends at record 9.* at 4/ : /record 9 has the checksum [0-9a-f]{8} .* [0-9a-f]{8}/,
      );
      expect(await scene.ledger.position(JOURNAL_SOURCE)).toBe(9);
      expect((await scene.ledger.stats(0, NOON_MS * 2)).decisions).toBe(9);
    });

    it('projects once it is emptied on purpose', async () => {
      const scene = await aForeignScene();
      await scene.append(4);
      const projector = scene.start();
      await expect.poll(() => scene.errors.length).toBeGreaterThan(0);
      await scene.ledger.reset();
      await projector.flush();
      expect(await scene.ledger.position(JOURNAL_SOURCE)).toBe(4);
    });
  });

  it('goes on where its record is known to neither: an older version wrote it, or retention has removed it', async () => {
    for (const unknown of ['in the ledger', 'in the journal'] as const) {
      const scene = aScene();
      await scene.append(12);
      await scene.ledger.project(await firstOf(scene.journal, 9));
      const ledger = { ...scene.ledger, lastRecord: () => Promise.resolve(undefined) };
      const journal = { ...scene.journal, tail: (from: number) => scene.journal.tail(Math.max(from, 10)) };
      await scene.start(unknown === 'in the ledger' ? { ledger } : { journal }).flush();
      expect(scene.errors).toEqual([]);
      expect(await scene.ledger.position(JOURNAL_SOURCE)).toBe(12);
    }
  });

  it('spends its share of a core and no more', async () => {
    const scene = aScene();
    scene.tookMs = (records) => records / 10;
    await scene.append(2000);
    await scene.start({}, { cpuShare: 0.25 }).flush();
    const busyMs = 2000 / 10;
    const pausedMs = scene.pauses.reduce((sum, ms) => sum + ms, 0);
    expect(pausedMs).toBeCloseTo(busyMs * 3, 6);
  });

  it('makes batches as large as fit into ten milliseconds', async () => {
    const scene = aScene();
    scene.tookMs = (records) => 2 + records / 10;
    const sizes: number[] = [];
    const project: LedgerStore['project'] = (batch) => {
      sizes.push(surveyFrames(batch.frames).count);
      return scene.ledger.project(batch);
    };
    await scene.append(4000);
    await scene.start({ ledger: { ...scene.ledger, project } }).flush();
    const settled = sizes.slice(20);
    expect(Math.max(...settled)).toBeLessThanOrEqual(100);
    expect(Math.max(...settled)).toBeGreaterThanOrEqual(60);
  });

  it('makes them up to five times as long while it is behind, and ten milliseconds again at the end', async () => {
    const scene = aScene();
    scene.tookMs = (records) => 8 + records / 20;
    const sizes: number[] = [];
    const project: LedgerStore['project'] = (batch) => {
      const { count, lastSeq } = surveyFrames(batch.frames);
      sizes.push(count);
      if (lastSeq > 12_000) scene.nowMs = NOON_MS;
      return scene.ledger.project(batch);
    };
    await scene.append(14_000);
    const projector = scene.start({ ledger: { ...scene.ledger, project } });
    scene.nowMs = NOON_MS + 60_000;
    await projector.flush();
    expect(Math.max(...sizes)).toBe(500); // some 33 ms, and the most there may be
    const last = sizes.slice(-8, -1);
    expect(Math.max(...last)).toBeLessThanOrEqual(120);
    expect(sizes.length).toBeLessThan(120);
  });

  it('reckons with processor time where the ledger tells it: waiting for the processor is rest, and no reason for small batches', async () => {
    const scene = aScene();
    const sizes: number[] = [];
    scene.tookMs = (records) => 30 + records / 2;
    const project: LedgerStore['project'] = async (batch) => {
      await scene.ledger.project(batch);
      const { count } = surveyFrames(batch.frames);
      sizes.push(count);
      return 3 + count / 20; // a tenth of it
    };
    await scene.append(3_000);
    await scene.start({ ledger: { ...scene.ledger, project } }, { cpuShare: 0.25 }).flush();
    expect(Math.max(...sizes)).toBeGreaterThan(100);
    expect(scene.pauses).toEqual([]);
  });

  it('keeps batches large where each costs much however small it is', async () => {
    const scene = aScene();
    const sizes: number[] = [];
    scene.tookMs = (records) => {
      sizes.push(records);
      return 400 + records / 10;
    };
    await scene.append(5_000);
    await scene.start({}, serverPace(0.5)).flush();
    expect(Math.max(...sizes)).toBe(500);
    expect(sizes.length).toBeLessThan(20);
    expect(scene.pauses).toEqual([]);
  });

  it.each([
    [250, serverPace(0.5)],
    [50, { cpuShare: 0.25 }],
  ])('gathers records for %i ms when it was up to date', async (ms, pace) => {
    const scene = aScene();
    const pause = (forMs: number): Promise<never> => {
      scene.pauses.push(forMs);
      return new Promise(() => undefined);
    };
    const projector = scene.start({ pause }, pace);
    await new Promise((resolve) => setImmediate(resolve));
    await scene.append(1);
    await expect.poll(() => scene.pauses).toEqual([ms]);
    expect(projector.lag().records).toBe(1);
  });

  it('says what the last attempt failed of until one succeeds', async () => {
    const scene = aScene();
    let isAway = true;
    const project: LedgerStore['project'] = (batch) =>
      isAway ? Promise.reject(new Error('disk')) : scene.ledger.project(batch);
    const projector = scene.start({ ledger: { ...scene.ledger, project } });
    expect(projector.problem()).toBeUndefined();
    await scene.append(1);
    await expect.poll(() => projector.problem()?.message).toBe('disk');
    isAway = false;
    await projector.flush();
    expect(projector.problem()).toBeUndefined();
  });

  it('stops at once while it is waiting to try again', async () => {
    const scene = aScene();
    const never = new Promise<void>(() => undefined);
    const project = (): Promise<never> => Promise.reject(new Error('disk'));
    const projector = scene.start({ ledger: { ...scene.ledger, project }, pause: () => never });
    await scene.append(1);
    await expect.poll(() => scene.errors).toHaveLength(1);
    await projector.stop();
  });

  it('stops at once while the ledger is still starting', async () => {
    const scene = aScene();
    const position = (): Promise<number> => new Promise(() => undefined);
    await scene.append(1);
    await scene.start({ ledger: { ...scene.ledger, position } }).stop();
  });

  it('stops within seconds while the ledger does not answer', async () => {
    const scene = aScene();
    const project = (): Promise<never> => new Promise(() => undefined);
    const waits: number[] = [];
    const pause: LedgerProjectorDeps['pause'] = (ms) => {
      waits.push(ms);
      return Promise.resolve();
    };
    await scene.append(1);
    const projector = scene.start({ ledger: { ...scene.ledger, project }, pause });
    const flushed = projector.flush();
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([expect(flushed).rejects.toThrow(/stopped/), projector.stop()]);
    expect(waits).toEqual([3_000]);
  });

  it('lets go of its timer when the batch in hand ends before', async () => {
    const scene = aScene();
    const signals: AbortSignal[] = [];
    const pause: LedgerProjectorDeps['pause'] = (_, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const projector = scene.start({ pause });
    await projector.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('stops after the batch in hand and leaves the rest for later', async () => {
    const scene = aScene();
    const projector = scene.start();
    await scene.append(1);
    await projector.flush();
    await projector.stop();
    await scene.append(5);
    expect(await scene.ledger.position(JOURNAL_SOURCE)).toBe(1);
    expect(projector.lag().records).toBe(5);
    await expect(projector.flush()).rejects.toThrow(/stopped/);
  });
});
