/** Two instances over one store: whatever the store is made of, they answer as one. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import { createPolicy, type Policy } from '../../src/decisions/policy.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { openHistory } from '../../src/features/entity-history.ts';
import { entityKey } from '../../src/features/replica.ts';
import { type ChangeRecord, type DecisionRecord, type JournalRecord } from '../../src/journal/record.ts';
import { createRandom } from '../../src/stats/random.ts';
import { createFold, type Fold } from '../../src/usecases/fold.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { championOf, loadArtifact, policyOf } from '../../src/usecases/load-champion.ts';
import { publishSharedTables } from '../../src/usecases/publish-shared-tables.ts';
import { putSharedInForce } from '../../src/usecases/put-shared-in-force.ts';
import { restoreOnlineStore, restoreWhenNeeded } from '../../src/usecases/restore-online-store.ts';
import { type PaymentRequest } from '../../src/usecases/score-transaction.ts';
import { createParityCheck } from '../../src/usecases/verify-parity.ts';
import { keptDirectory } from '../support/directories.ts';
import { sha256 } from '../support/policies.ts';
import { trainQuickModel } from '../support/services.ts';
import { codec, createInstance, createSharedJournal, type Instance, type SharedJournal, withoutDurations } from '../support/shared-instances.ts'; // prettier-ignore
import { aTransaction } from '../support/transactions.ts';
import { type StoreWorld } from '../support/shared-stores.ts';

export function testSharedScoring(name: string, openWorld: StoreWorld): void {
  const scratch = keptDirectory();
  let champion: Champion;
  let settings: Parameters<typeof createFeatureEngine>[0];
  beforeAll(async () => {
    const version = await trainQuickModel(scratch);
    const artifact = await loadArtifact(createFileModelRegistry(scratch, systemClock), version);
    settings = artifact.featureSettings;
    champion = championOf(artifact, policyOf(artifact, sha256), createFeatureEngine(settings).catalogue);
  });

  describe(`scoring over a shared store: ${name}`, () => {
    let world: Awaited<ReturnType<StoreWorld>>;
    let journal: SharedJournal;
    let one: Instance;
    let two: Instance;

    const anInstance = async (overrides: object = {}): Promise<Instance> =>
      createInstance(await world.instance(), { champion, settings, journal, ...overrides });
    const aFold = (): Fold => createFold(createFeatureEngine(settings));
    const restore = async (on: Instance): Promise<{ entities: number; opened: boolean }> =>
      restoreOnlineStore({ state: on.state, fold: aFold(), codec }, () => batches(journal.records()));

    beforeEach(async () => {
      world = await openWorld();
      journal = createSharedJournal();
      const first = await world.instance();
      await restoreOnlineStore({ state: first.state, fold: aFold(), codec }, () => batches([]));
      one = createInstance(first, { champion, settings, journal });
      two = await anInstance();
    });
    afterEach(async () => {
      await one.close();
      await two.close();
      await world.end();
    });

    const decisions = (): readonly DecisionRecord[] =>
      journal.records().filter((record): record is DecisionRecord => record.type === 'decision');

    /** Folds the journal by seq and compares every decision with what it then is. */
    const expectParity = async (): Promise<void> => {
      const parity = createParityCheck({
        fold: aFold(),
        championOf: () => Promise.resolve(champion),
        isConcerned: ({ type }) => Promise.resolve(type === 'decision'),
      });
      for (const record of journal.records()) expect(await parity.check(record)).toBeUndefined();
      expect(parity.report().differing).toBe(0);
    };

    it('scores a payment sent to both at once one time, and answers both alike', async () => {
      const request = aRequest();
      const answers = await Promise.all([one, two, one, two].map(({ scoring }) => scoring.score(request)));
      expect(decisions()).toHaveLength(1);
      expect(answers.filter(({ cached }) => !cached)).toHaveLength(1); // the others were told what had been decided
      for (const { decision } of answers) expect(withoutDurations(decision)).toEqual(withoutDurations(decisions()[0]!));
      const sequel = await two.scoring.score(aRequest({ transactionId: 't2' }));
      expect(sequel.decision.vector![champion.catalogue.indexOf('user_txn_count_1h')]).toBe(1);
      await expectParity();
    });

    it('answers a payment that is confirmed elsewhere, and whose profiles have gone on, while it is looked at here', async () => {
      const first = await one.scoring.begin(aRequest());
      const instance = await world.instance();
      const { store } = instance;
      let isOvertaken = false;
      const histories: typeof store.histories = async (keys) => {
        if (!isOvertaken) {
          isOvertaken = true;
          await journal.append(first.record, first.epoch);
          await first.confirm();
          for (let i = 0; i < 100; i++) await one.scoring.score(aRequest({ transactionId: `later-${i}` }));
        }
        return store.histories(keys);
      };
      const three = createInstance({ ...instance, store: { ...store, histories } }, { champion, settings, journal });
      const { decision, cached } = await three.scoring.score(aRequest());
      expect(isOvertaken).toBe(true);
      expect(cached).toBe(true);
      expect(withoutDurations(decision)).toEqual(withoutDurations(await first.decision()));
      await three.close();
    });

    it('gives a repeat the same decision on the other instance, on the record', async () => {
      const first = await one.scoring.score(aRequest());
      const again = await two.scoring.score(aRequest());
      expect(again.cached).toBe(true);
      expect(again.decision).toEqual(first.decision);
      expect(journal.records().at(-1)).toMatchObject({ type: 'cache_hit', decisionSeq: first.decision.seq });
      await expect(two.scoring.score(aRequest({ amountMinor: 1 }, OTHER_HASH))).rejects.toMatchObject({
        code: 'ID_REUSED',
      });
      expect((await one.store.unfinished(0, 9)).length).toBe(0);
    });

    it('refuses payments dated ahead and currencies without a rate, with nothing recorded', async () => {
      const ahead = aRequest({ eventTimeMs: Date.now() + HOUR_MS });
      await expect(one.scoring.score(ahead)).rejects.toMatchObject({ code: 'TIMESTAMP_IN_FUTURE' });
      await expect(one.scoring.score(aRequest({ currency: 'XXX' }))).rejects.toMatchObject({
        code: 'UNKNOWN_CURRENCY',
      });
      expect(journal.records()).toEqual([]);
    });

    it('computes the same bytes again when an instance dies between claim and confirmation', async () => {
      for (let i = 0; i < 5; i++) await one.scoring.score(aRequest({ transactionId: `before-${i}` }));
      for (const dies of ['before', 'after'] as const) {
        journal.fail = dies;
        const request = aRequest({ transactionId: `dies-${dies}`, amountMinor: 9_999 });
        await expect(one.scoring.score(request)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
        journal.fail = 'no';
        await one.scoring.score(aRequest({ transactionId: `next-${dies}` })); // the profiles have gone on meanwhile
        const { decision } = await two.scoring.score(request);
        const all = journal.appended.filter(({ seq }) => seq === decision.seq).map(withoutDurations);
        expect(all).toHaveLength(dies === 'before' ? 1 : 2);
        for (const each of all) expect(each).toEqual(withoutDurations(decision));
      }
      await expectParity();
    });

    it('finishes what was never asked for again', async () => {
      journal.fail = 'before';
      await expect(one.scoring.score(aRequest())).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      const label = one.labels.record({ transactionId: 't9', isFraud: true, source: 'analyst' });
      await expect(label).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      journal.fail = 'no';
      expect(await two.sweep()).toEqual({ finished: 2, left: 0, failed: [] });
      expect(journal.records().map(({ type }) => type)).toEqual(['decision', 'label']);
      expect(await two.sweep()).toEqual({ finished: 0, left: 0, failed: [] });
      expect((await one.scoring.score(aRequest())).cached).toBe(true);
    });

    it('lets the fallback of the first instance stand, and says so on every retry', async () => {
      const slow = await anInstance({ deadlineMs: -1 });
      journal.fail = 'after';
      await expect(slow.scoring.score(aRequest())).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      journal.fail = 'no';
      const { decision } = await one.scoring.score(aRequest());
      expect(decision.fallbackCause).toBe('deadline');
      expect(decisions()).toEqual([decision]);
      await slow.close();
    });

    it('scores a payment that came as a message however long it waited its turn: nobody waits for its answer', async () => {
      const slow = await anInstance({ deadlineMs: -1 });
      const begun = await slow.scoring.begin(aRequest(), { partition: 0, offset: 1 });
      expect((await begun.decision()).fallbackCause).toBeUndefined();
      await slow.close();
    });

    it('takes labels on any instance: in rank, corrected, and before their payment', async () => {
      await one.scoring.score(aRequest());
      const say = (on: Instance, isFraud: boolean, source: 'customer' | 'analyst' | 'chargeback', id = 't1') =>
        on.labels.record({ transactionId: id, isFraud, source });
      expect(await say(two, true, 'analyst')).toMatchObject({ status: 'recorded', inForce: { isFraud: true } });
      expect(await say(one, false, 'customer')).toMatchObject({ inForce: { isFraud: true, source: 'analyst' } });
      expect(await say(one, false, 'chargeback')).toMatchObject({ inForce: { isFraud: false } });
      expect(await say(two, true, 'chargeback')).toMatchObject({ inForce: { isFraud: true } });
      expect(await say(one, true, 'customer', 'later')).toMatchObject({ status: 'waiting' });
      expect(await say(two, false, 'analyst', 'later')).toMatchObject({ status: 'waiting' });
      const later = await two.scoring.score(aRequest({ transactionId: 'later' }));
      const bound = journal
        .records()
        .filter((record) => record.type === 'label' && record.payment?.seq === later.decision.seq);
      expect(bound).toHaveLength(2);
      expect(await one.state.labels('later')).toMatchObject({ waiting: [] });
      const next = await one.scoring.score(aRequest({ transactionId: 'next' }));
      // t1 is known as fraud by chargeback; the later one as genuine, by the analyst over the customer.
      const valueOf = (feature: string): number => next.decision.vector![champion.catalogue.indexOf(feature)]!;
      expect([valueOf('merchant_fraud_count_1d'), valueOf('merchant_known_count_30d')]).toEqual([1, 2]);
      await expectParity();
    });

    it('lets the latest label of each source wait, and says which will be in force', async () => {
      const sources = ['chargeback', 'customer', 'analyst'] as const;
      for (let i = 0; i < 24; i++) {
        const { labels } = i % 2 === 0 ? one : two;
        const label = { transactionId: 'early', isFraud: i % 5 === 0, source: sources[i % 3]! };
        expect(await labels.record(label)).toMatchObject({
          status: 'waiting',
          inForce: { source: 'chargeback', isFraud: (i - (i % 3)) % 5 === 0 },
        });
      }
      const fold = aFold();
      for (const record of journal.records()) fold.apply(record);
      const said = (record: JournalRecord): unknown => record.type === 'label' && record.label;
      const { waiting } = await one.state.labels('early');
      expect(waiting.map((placed) => said(codec.decodePlaced(placed)))).toEqual(fold.waitingLabels('early'));
      expect(fold.waitingLabels('early').map(({ source }) => source)).toEqual(sources);
      await restore(two);
      expect((await two.state.labels('early')).waiting).toHaveLength(3);
      const { decision } = await two.scoring.score(aRequest({ transactionId: 'early' }));
      const bound = journal.records().filter((record) => record.type === 'label' && record.payment !== undefined);
      expect(bound.map(said)).toEqual(fold.waitingLabels('early'));
      expect(bound.every(({ seq }) => seq > decision.seq)).toBe(true);
      await expectParity();
    });

    it('reads, over random traffic on both, what one engine reads that folds the journal by seq', async () => {
      await randomTraffic([one, two], 300, 7);
      expect(decisions().length).toBeGreaterThan(200);
      expect(decisions().some(({ outcome }) => outcome === 'block')).toBe(true);
      await expectParity();
    });

    it('does so while replicas are begun anew and histories folded', async () => {
      const small = await anInstance({ replicaEntities: 6 });
      await randomTraffic([one, small], 300, 11);
      const { histories } = await one.store.histories([entityKey('merchant', 'm0')]);
      expect(openHistory(histories[0]!).imageOffset).toBeGreaterThan(0);
      await expectParity();
      await small.close();
    });

    it('publishes tables that the first payment behind them reads on every instance', async () => {
      await randomTraffic([one, two], 60, 3);
      const fold = aFold();
      const nowMs = Date.now();
      const past = journal.records().map((record) => ({ ...record, arrivalMs: record.arrivalMs - HOUR_MS }));
      for (const record of past) fold.apply(record as JournalRecord);
      const deps = { fold, state: one.state, store: one.store, journal, codec, nowMs: () => nowMs };
      const trigger = journal.records().at(-1)!;
      const late = aFold();
      for (const record of [...past, trigger]) late.apply(record as JournalRecord);
      expect(await publishSharedTables({ ...deps, fold: late }, trigger)).toBe(false); // it holds a record of the hour
      expect(await publishSharedTables(deps, trigger)).toBe(true);
      expect(await publishSharedTables({ ...deps, state: two.state, store: two.store }, trigger)).toBe(false);
      const answers = await Promise.all(
        [one, two, one, two].map(({ scoring }, i) => scoring.score(aRequest({ transactionId: `after-${i}` }))),
      );
      for (const { decision } of answers) expect(decision.versions.tables).toBe(1);
      await expectParity();
    });

    it('puts model and policy in force once, whoever is first, and lets one instance at a time restore', async () => {
      const { policy } = champion;
      const put = (on: Instance, model: string): Promise<void> =>
        putSharedInForce({ ...on, journal, codec }, { model, policy, actor: 'test' });
      await Promise.all([put(one, 'v1'), put(two, 'v1')]);
      await put(two, 'v2');
      const changes = journal.records().filter((record) => record.type === 'change');
      expect(changes.map(({ subject, before, version }) => [subject, before, version])).toEqual([
        ['model', undefined, 'v1'],
        ['policy', undefined, `${policy.version} ${policy.listsVersion} ${policy.rates.base}`],
        ['model', 'v1', 'v2'],
      ]);
      const again = (on: Instance, owner: string): Promise<unknown> =>
        restoreWhenNeeded({ state: on.state, fold: aFold(), codec, owner }, () => batches(journal.records()));
      expect(await again(one, 'one')).toBe('open');
      await one.state.restore(); // as if it had died in the middle
      expect(await one.state.lead('restore', 'one', 60_000)).toBeDefined();
      expect(await again(two, 'two')).toBe('elsewhere');
      expect(await again(one, 'one')).toMatchObject({ opened: true, records: 3 });
      expect(await two.state.status()).toBe('open');
      expect(await two.state.inForce('model')).toBe('v2');
    });

    it('puts on record the policy of an instance that another one overtakes with a policy of its own', async () => {
      const other = createPolicy({ ...champion.policy, alertScore: 0.9 }, sha256);
      const put = (on: Pick<Instance, 'state' | 'store'>, policy: Policy): Promise<void> =>
        putSharedInForce({ ...on, journal, codec }, { model: 'v1', policy, actor: 'test' });
      let isOvertaken = false;
      const inForce = async (subject: ChangeRecord['subject']): Promise<string | undefined> => {
        const before = await one.state.inForce(subject);
        if (subject === 'policy' && !isOvertaken) {
          isOvertaken = true;
          await put(two, other);
        }
        return before;
      };
      await put({ store: one.store, state: { ...one.state, inForce } }, champion.policy);
      const changes = journal.records().filter((record) => record.type === 'change');
      const versions = changes.filter(({ subject }) => subject === 'policy').map(({ version }) => version);
      expect(versions).toEqual([other, champion.policy].map((each) => `${each.version} ${each.listsVersion} USD`));
    });

    it('goes on after a restoration where the journal ends', async () => {
      await randomTraffic([one, two], 80, 5);
      journal.fail = 'before';
      await expect(one.scoring.score(aRequest({ transactionId: 'lost' }))).rejects.toThrow();
      journal.fail = 'no';
      const last = journal.records().at(-1)!.seq;
      const { opened, entities } = await restore(two);
      expect(opened).toBe(true);
      expect(entities).toBeGreaterThan(5);
      await expect(one.scoring.score(aRequest({ transactionId: 'stale' }))).rejects.toMatchObject({
        code: 'NOT_READY',
      });
      const { decision } = await one.scoring.score(aRequest({ transactionId: 'lost' }));
      expect(decision.seq).toBe(last + 1);
      const known = decisions()[0]!;
      const again = await two.scoring.score({ transaction: known.transaction, requestHash: known.requestHash });
      expect(withoutDurations(again.decision)).toEqual(withoutDurations(known));
      await randomTraffic([one, two], 80, 6, 'again');
      await expectParity();
    });

    it('knows of a message whose label is on record, though the store was lost since', async () => {
      await one.scoring.score(aRequest({ transactionId: 'labelled' }));
      const label = { transactionId: 'labelled', isFraud: true, source: 'analyst' } as const;
      const { record, epoch } = (await one.labels.begin(label, '4:17:99'))!;
      expect((await two.labels.begin(label, '4:17:99'))!.record).toEqual(record); // not known to be on record yet
      await journal.append(record, epoch);
      await restore(two);
      expect(await two.labels.begin(label, '4:17:99')).toBeUndefined();
      expect((await two.labels.begin(label, '4:18:99'))!.record.seq).toBe(record.seq + 1);
    });

    it('knows the message of a label that was bound, though the record of its waiting was lost with the store', async () => {
      const label = { transactionId: 'early', isFraud: true, source: 'analyst' } as const;
      await one.labels.begin(label, '4:17:99'); // never on record
      await one.scoring.score(aRequest({ transactionId: 'early' }));
      const bound = journal.records().find((record) => record.type === 'label');
      expect(bound).toMatchObject({ label, payment: {}, message: '4:17:99' });
      await restore(two);
      expect(await two.labels.begin(label, '4:17:99')).toBeUndefined();
    });
  });
}

const HASH = 'a'.repeat(32);
const OTHER_HASH = 'b'.repeat(32);

function aRequest(overrides: Partial<PaymentRequest['transaction']> = {}, requestHash = HASH): PaymentRequest {
  const { eventTimeMs: _, ...transaction } = aTransaction();
  return { transaction: { ...transaction, ...overrides }, requestHash };
}

async function* batches(records: readonly JournalRecord[]): AsyncGenerator<readonly JournalRecord[]> {
  yield records;
}

/** Payments of few entities, many at once, some late, some asked for twice, some labelled. */
async function randomTraffic(instances: readonly Instance[], count: number, seed: number, prefix = 'r'): Promise<void> {
  const random = createRandom(seed);
  const pick = (): Instance => instances[random.integer(instances.length)]!;
  let running: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    const user = random.integer(4);
    const request = aRequest({
      transactionId: `${prefix}${i}`,
      userId: `u${user}`,
      merchantId: `m${random.integer(2)}`,
      merchantCategory: ['grocery', 'travel', 'atm'][random.integer(3)]!,
      amountMinor: 1 + random.integer(random.integer(10) === 0 ? 900_000 : 5_000),
      ...(random.integer(2) === 0 && { cardId: `c${user}` }),
      ...(random.integer(2) === 0 && { deviceId: `d${random.integer(3)}`, deviceType: 'mobile' }),
      ...(random.integer(2) === 0 && { ipAddress: `10.0.0.${random.integer(3)}` }),
      ...(random.integer(2) === 0 && { locationCountry: 'US', latitude: 40.7, longitude: -74 }),
      ...(random.integer(4) === 0 && { eventTimeMs: Date.now() - random.integer(30) * HOUR_MS }),
    });
    running.push(pick().scoring.score(request));
    if (random.integer(10) === 0) running.push(pick().scoring.score(request));
    if (random.integer(6) === 0) {
      const transactionId = `${prefix}${random.integer(i + 3)}`;
      running.push(pick().labels.record({ transactionId, isFraud: random.integer(2) === 0, source: 'analyst' }));
    }
    if (running.length >= 16) {
      await Promise.all(running);
      running = [];
    }
  }
  await Promise.all(running);
  for (const each of instances) expect((await each.sweep()).failed).toEqual([]);
}
