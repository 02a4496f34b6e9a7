import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryOnlineStore } from '../../src/adapters/memory/online-store.ts';
import { createMemoryWorld, type MemoryWorld } from '../../src/adapters/memory/shared-world.ts';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type HandledMessages, type StreamMessage } from '../../src/ports/transaction-stream.ts';
import { createFold } from '../../src/usecases/fold.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { championOf, loadArtifact, policyOf } from '../../src/usecases/load-champion.ts';
import { restoreOnlineStore } from '../../src/usecases/restore-online-store.ts';
import { keptDirectory } from '../support/directories.ts';
import { sha256 } from '../support/policies.ts';
import { trainQuickModel } from '../support/services.ts';
import { codec, createInstance, createSharedJournal, type Instance, type SharedJournal, withoutDurations } from '../support/shared-instances.ts'; // prettier-ignore
import { aMessage, aPayment, decoder, handlersOf } from '../support/streams.ts';

const scratch = keptDirectory();
let champion: Champion;
let settings: Parameters<typeof createFeatureEngine>[0];
beforeAll(async () => {
  const artifact = await loadArtifact(createFileModelRegistry(scratch, systemClock), await trainQuickModel(scratch));
  settings = artifact.featureSettings;
  champion = championOf(artifact, policyOf(artifact, sha256), createFeatureEngine(settings).catalogue);
});

describe('payments that come as messages', () => {
  let world: MemoryWorld;
  let journal: SharedJournal;
  let worker: Instance;
  let handlers: ReturnType<typeof handlersOf>;
  /** Offsets below it are committed. */
  let finishedBelow: number;

  const anInstance = (): Instance =>
    createInstance(
      { ...createMemoryOnlineStore(world), close: () => Promise.resolve() },
      {
        champion,
        settings,
        journal,
        finishedMessages: () => Promise.resolve(({ offset }) => offset < finishedBelow),
      },
    );
  const restore = (on: Instance): Promise<unknown> =>
    restoreOnlineStore({ state: on.state, fold: createFold(createFeatureEngine(settings)), codec }, async function* () {
      yield journal.records();
    });

  beforeEach(async () => {
    world = createMemoryWorld(Date.now);
    journal = createSharedJournal();
    finishedBelow = 0;
    await restore(anInstance());
    worker = anInstance();
    handlers = handlersOf(worker, champion);
  });

  const recordsOf = ({ outcomes }: HandledMessages): readonly JournalRecord[] =>
    outcomes.flatMap((outcome) => (outcome.kind === 'handled' ? outcome.records : []));
  const decisionsOf = ({ outcomes }: HandledMessages) =>
    outcomes.map((outcome) =>
      outcome.kind === 'handled'
        ? outcome.sends
            .filter(({ topic }) => topic === 'decisions')
            .map(({ value }) => ({ ...(JSON.parse(value) as Record<string, unknown>), inference_time_ms: 0 }))
        : outcome.reason,
    );
  /** What the stream does: writes, asks, makes visible, tells. */
  const commit = async (handled: HandledMessages, messages: readonly StreamMessage[]): Promise<void> => {
    await handled.check();
    for (const record of recordsOf(handled)) await journal.append(record, handled.epoch);
    finishedBelow = messages.at(-1)!.offset + 1;
    await handled.committed();
  };
  const http = (body: object) => {
    const request = decoder.decode(body, { prefix: '', escaped: true });
    return anInstance().scoring.score(request);
  };

  it('are decided in order, each with its record and its message to decisions', async () => {
    const messages = ['a', 'b', 'c'].map((id) => aMessage(aPayment(id)));
    const handled = await handlers.payments(messages);
    expect(decisionsOf(handled)).toMatchObject([['a'], ['b'], ['c']].map(([id]) => [{ transaction_id: id, cached: false }])); // prettier-ignore
    expect(recordsOf(handled)).toMatchObject([1, 2, 3].map((seq) => ({ type: 'decision', seq })));
    const counts = recordsOf(handled).map((record) =>
      record.type === 'decision' ? record.vector![champion.catalogue.indexOf('user_txn_count_1h')] : NaN,
    );
    expect(counts).toEqual([0, 1, 2]);
    await commit(handled, messages);
    expect(await worker.store.unfinished(0, 10)).toEqual([]);
  });

  it('that are blocked are told as alerts, too', async () => {
    const strict = { ...champion, decider: { ...champion.decider, decide: (input: Parameters<Champion['decider']['decide']>[0]) => ({ ...champion.decider.decide(input), outcome: 'block' as const }) } }; // prettier-ignore
    const on = createInstance(
      { ...createMemoryOnlineStore(world), close: () => Promise.resolve() },
      { champion: strict, settings, journal },
    );
    const { outcomes } = await handlersOf(on, champion).payments([aMessage(aPayment('a'))]);
    expect(outcomes).toMatchObject([
      {
        sends: [
          { topic: 'decisions', key: 'u1' },
          { topic: 'alerts', key: 'u1' },
        ],
      },
    ]);
  });

  it('are dead letters when they cannot be read or an id is used again for something else', async () => {
    const handled = await handlers.payments([
      aMessage('{"user_id":'),
      aMessage(aPayment('a', { amount: 'much' })),
      aMessage(aPayment('b')),
      aMessage(aPayment('b', { amount: 26 })),
      aMessage(aPayment('c', { currency: 'XXX' })),
      aMessage(aPayment('d'), { schemaVersion: '2' }),
    ]);
    expect(decisionsOf(handled)).toMatchObject([
      'INVALID_JSON',
      'INVALID_REQUEST',
      [{ transaction_id: 'b' }],
      'ID_REUSED',
      'UNKNOWN_CURRENCY',
      'INVALID_REQUEST',
    ]);
  });

  it('are told which version they were sent with when it is another', async () => {
    const versions = ['2', 'v1', '', '1,2'];
    const { outcomes } = await handlers.payments(versions.map((schemaVersion) => aMessage(aPayment('a'), { schemaVersion }))); // prettier-ignore
    expect(outcomes.map((outcome) => 'error' in outcome && outcome.error)).toEqual(
      versions.map((version) => `schema-version: expected 1, got "${version}"`),
    );
  });

  it('have the same decision when they come again because nothing was committed', async () => {
    const message = aMessage(aPayment('a'));
    const first = await handlers.payments([message]);
    await handlers.payments([aMessage(aPayment('later'))]);
    const again = await handlers.payments([message]);
    expect(decisionsOf(again)).toEqual(decisionsOf(first));
    expect(recordsOf(again).map(withoutDurations)).toEqual(recordsOf(first).map(withoutDurations));
  });

  it('without an id are the same payment when they come again, and two payments when they are two messages', async () => {
    const messages = [aMessage(aPayment(undefined)), aMessage(aPayment(undefined))];
    const first = decisionsOf(await handlers.payments(messages));
    expect(decisionsOf(await handlers.payments(messages))).toEqual(first);
    expect(world.claims.size).toBe(2);
  });

  it('that are sent twice have one decision, wherever the second comes', async () => {
    const [one, two, three] = ['x', 'y', 'z'].map(() => aMessage(aPayment('a'))) as [StreamMessage, StreamMessage, StreamMessage]; // prettier-ignore
    const both = await handlers.payments([one, two]);
    expect(decisionsOf(both)).toMatchObject([[{ transaction_id: 'a' }], []]);
    await commit(both, [one, two]);
    expect(journal.records()).toHaveLength(1);
    const later = await handlers.payments([three]);
    expect(decisionsOf(later)).toEqual([[]]);
    expect(recordsOf(later)).toMatchObject([{ type: 'cache_hit', decisionSeq: 1 }]);
    await commit(later, [three]);
    expect(await worker.store.unfinished(0, 10)).toEqual([]);
  });

  it('that were answered over HTTP before are put on record as asked for again', async () => {
    await http(aPayment('a'));
    const handled = await handlers.payments([aMessage(aPayment('a'))]);
    expect(decisionsOf(handled)).toEqual([[]]);
    expect(recordsOf(handled)).toMatchObject([{ type: 'cache_hit' }]);
  });

  it('keep their decision in the stream when the same payment is asked for over HTTP meanwhile', async () => {
    const message = aMessage(aPayment('a'));
    const first = await handlers.payments([message]);
    const { decision } = await http(aPayment('a'));
    expect([decision].map(withoutDurations)).toEqual(recordsOf(first).map(withoutDurations));
    const again = await handlers.payments([message]);
    expect(decisionsOf(again)).toEqual(decisionsOf(first));
  });

  it('are put on record by whoever sweeps, and still decided by their message', async () => {
    const message = aMessage(aPayment('a'));
    const first = await handlers.payments([message]); // the worker dies before it commits
    const sweeping = anInstance();
    expect(await sweeping.sweep()).toEqual({ finished: 0, left: 1, failed: [] });
    expect(await sweeping.sweep()).toEqual({ finished: 0, left: 1, failed: [] });
    expect(journal.appended.map(({ type, seq }) => [type, seq])).toEqual([['decision', 1]]);
    const again = await handlers.payments([message]);
    expect(decisionsOf(again)).toEqual(decisionsOf(first));
    expect(recordsOf(again)).toEqual(journal.records()); // bit for bit: it was settled on
    await commit(again, [message]);
    expect(await sweeping.sweep()).toEqual({ finished: 0, left: 0, failed: [] });
  });

  it('are finished by whoever sweeps when the worker dies between its commit and the confirmation', async () => {
    const message = aMessage(aPayment('a'));
    const handled = await handlers.payments([message]);
    await handled.check();
    finishedBelow = message.offset + 1;
    expect(await anInstance().sweep()).toEqual({ finished: 1, left: 0, failed: [] });
    expect((await http(aPayment('a'))).cached).toBe(true);
  });

  it('still have their decision when profiles were restored from what a sweep had put on record', async () => {
    const message = aMessage(aPayment('a'));
    await handlers.payments([message]);
    await anInstance().sweep();
    await restore(worker);
    const again = await handlers.payments([message]);
    expect(decisionsOf(again)).toMatchObject([[{ transaction_id: 'a' }]]);
    await commit(again, [message]);
    const twice = await handlers.payments([aMessage(aPayment('a'))]);
    expect(decisionsOf(twice)).toEqual([[]]);
  });

  it('are not committed under an epoch that has ended', async () => {
    const handled = await handlers.payments([aMessage(aPayment('a'))]);
    await restore(worker);
    await expect(handled.check()).rejects.toMatchObject({ code: 'NOT_READY' });
    await handled.committed();
    expect(handlers.unconfirmed).toHaveLength(1);
  });

  it('wait for the store while it is away', async () => {
    await worker.state.restore();
    await expect(handlers.payments([aMessage(aPayment('a')), aMessage('{')])).rejects.toMatchObject({
      code: 'NOT_READY',
    });
  });
});
