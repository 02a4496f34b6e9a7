import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryOnlineStore } from '../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../src/adapters/memory/shared-world.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { type Unfinished } from '../../src/ports/online-store.ts';
import { createFinishUnconfirmed, type FinishDeps } from '../../src/usecases/finish-unconfirmed.ts';
import { codec, createSharedJournal } from '../support/shared-instances.ts';

/** Finishes what is given, of which the store forgets what `isDone` says. */
function finisher(all: readonly Unfinished[], deps: Pick<FinishDeps, 'scoring' | 'labels'>) {
  const { store, state } = createMemoryOnlineStore(createMemoryWorld(Date.now));
  let looks = 0;
  const finish = createFinishUnconfirmed({
    store: {
      ...store,
      async unfinished(_ageMs, limit, skip = 0) {
        await turn();
        if ((looks += 1) > 10) throw new Error('it looks again and again');
        return all.slice(skip, skip + limit);
      },
    },
    state: { ...state, labels: () => Promise.resolve({ payment: 'unknown', waiting: [] }) },
    journal: createSharedJournal(),
    codec,
    finishedMessages: () => Promise.resolve(() => false),
    ...deps,
  });
  return { finish };
}

const labelsOf = (id: number): Unfinished => ({ kind: 'labels', transactionId: `t${id}` });
const repeatOf = (id: number): Unfinished => ({
  kind: 'repeat',
  repeat: { seq: id, arrivalMs: id },
  decisionSeq: 1,
  transactionId: 't',
});
const many = <T>(of: (id: number) => T): readonly T[] => Array.from({ length: 600 }, (_, id) => of(id));
const LABELS = { decisionOf: () => Promise.resolve(undefined) } as unknown as FinishDeps['labels']; // all that is asked of it
const NO_SCORING = {} as FinishDeps['scoring'];

describe('finishing what is unconfirmed', () => {
  it('comes to an end where hundreds of labels wait for payments that nobody knows any more', async () => {
    const { finish } = finisher(many(labelsOf), { labels: LABELS, scoring: NO_SCORING });
    expect(await finish()).toEqual({ finished: 0, left: 600, failed: [] });
  });

  it('stops when it is told to, however much is left and however long each takes', async () => {
    const stopping = new AbortController();
    let begun = 0;
    const repeated = async (): Promise<void> => {
      begun += 1;
      await turn();
      stopping.abort();
      throw new SentinelError('JOURNAL_UNAVAILABLE');
    };
    const scoring = { repeated } as Partial<FinishDeps['scoring']> as FinishDeps['scoring'];
    const { finish } = finisher(many(repeatOf), { labels: LABELS, scoring });
    expect((await finish(0, stopping.signal)).failed).toHaveLength(begun);
    expect(begun).toBeLessThan(100);
  });
});
