/** What every shared store must do beside profiles: labels, tables, versions, roles, rates, restoration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockedEvent } from '../../src/features/entity-event.ts';
import { openHistory, historyHead } from '../../src/features/entity-history.ts';
import { entityKey } from '../../src/features/replica.ts';
import { type Placed } from '../../src/ports/online-store.ts';
import { type LabelChange } from '../../src/ports/shared-state.ts';
import { aClaim, aFrame, ANSWER, aPart, asClaimed, EVENT_BYTES, HASH, openTwo, type StoreInstance, type StoreWorld } from '../support/shared-stores.ts'; // prettier-ignore

export function testSharedState(name: string, openWorld: StoreWorld): void {
  describe(`shared state: ${name}`, () => {
    let one: StoreInstance;
    let two: StoreInstance;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ one, two, close } = await openTwo(openWorld));
    });
    afterEach(() => close());

    const change = async (overrides: Partial<LabelChange> = {}): Promise<LabelChange> => ({
      transactionId: 't1',
      given: await one.state.labels('t1'),
      frame: aFrame('a label'),
      becomes: 'in force',
      left: [],
      ...overrides,
    });

    const placeLabel = async ({ state }: typeof one, overrides: Partial<LabelChange>): Promise<Placed> => {
      const placed = await state.placeLabel(await change(overrides));
      if (typeof placed !== 'object') throw new Error(`placed: ${placed}`);
      return placed;
    };

    it('knows of a payment whether it is answered, and its labels', async () => {
      expect(await one.state.labels('t1')).toEqual({ payment: 'unknown', waiting: [] });
      await one.store.claim(aClaim('t1'));
      expect(await one.state.labels('t1')).toEqual({ payment: 'pending', waiting: [] });
      await one.store.settle('t1', 1, ANSWER, one.store.epoch());
      expect(await one.state.labels('t1')).toEqual({ payment: 'pending', waiting: [] });
      await one.store.confirm({ transactionId: 't1', seq: 1, epoch: one.store.epoch(), answer: ANSWER });
      const { payment, answer } = await two.state.labels('t1');
      expect(payment).toBe('answered');
      expect(Buffer.from(answer!).equals(ANSWER)).toBe(true);
    });

    it('places a label, adds what it says to histories that are there, and keeps it in force', async () => {
      await one.store.claim(aClaim('t1'));
      await one.store.confirm({ transactionId: 't1', seq: 1, epoch: one.store.epoch(), answer: ANSWER });
      const added = { event: blockedEvent(1), keys: [aPart().key, entityKey('user', 'never seen')] };
      const place = await placeLabel(one, { added });
      expect(place).toMatchObject({ seq: 2 });
      const { histories } = await two.store.histories(added.keys);
      expect(openHistory(histories[0]!).end).toBe(EVENT_BYTES + 12 + added.event.length);
      expect(histories[1]).toHaveLength(0);
      const { inForce } = await two.state.labels('t1');
      const asText = ({ frame, ...rest }: Placed): object => ({ ...rest, frame: Buffer.from(frame).toString('hex') });
      expect(asText(inForce!)).toEqual(asText(place));
      expect(asText(place)).toMatchObject({ frame: Buffer.from(aFrame('a label')).toString('hex') });
      expect((await two.store.unfinished(0, 9)).map(({ kind }) => kind)).toEqual(['record']);
    });

    it('places no label on conditions that have changed', async () => {
      const [first, second] = [await change(), await change()];
      expect(await one.state.placeLabel(first)).toBeDefined();
      expect(await two.state.placeLabel(second)).toBeUndefined();
      const third = await change();
      await one.store.claim(aClaim('t1'));
      expect(await two.state.placeLabel(third)).toBeUndefined();
    });

    it('places the label of a message once, however often the message comes', async () => {
      const first = await placeLabel(one, { message: '0:7', frame: aFrame('as it came first') });
      const again = await placeLabel(two, { message: '0:7', frame: aFrame('as it came again') });
      expect(again).toMatchObject({ seq: first.seq, arrivalMs: first.arrivalMs });
      expect(Buffer.from(again.frame)).toEqual(Buffer.from(aFrame('as it came first')));
      const other = await two.state.placeLabel(await change({ message: '0:8' }));
      expect(other).toMatchObject({ seq: first.seq + 1 });
    });

    it('keeps labels waiting for their payment, says so when it is answered, and lets go of them one by one', async () => {
      const [a, b] = [aFrame('a'), aFrame('another label')];
      const first = await placeLabel(one, { becomes: 'waiting', frame: a });
      await placeLabel(two, { becomes: 'waiting', frame: b, left: [first] });
      const sinceMs = Date.now() + 5_000;
      expect(await one.state.waitingSince(sinceMs, 10)).toEqual(['t1']);
      expect(await one.state.waitingSince(sinceMs - 3_600_000, 10)).toEqual([]);
      const { waiting } = await one.state.labels('t1');
      expect(waiting.map(({ seq, frame }) => [seq, Buffer.from(frame).toString('hex')])).toEqual([
        [1, Buffer.from(a).toString('hex')],
        [2, Buffer.from(b).toString('hex')],
      ]);
      await one.store.claim(aClaim('t1'));
      const confirmation = { transactionId: 't1', seq: 3, epoch: one.store.epoch(), answer: ANSWER };
      expect(await one.store.confirm(confirmation)).toEqual({ isFirst: true, labelsWait: true });
      const unbound = async (): Promise<readonly object[]> =>
        (await two.store.unfinished(0, 9)).filter(({ kind }) => kind === 'labels');
      expect(await unbound()).toEqual([{ kind: 'labels', transactionId: 't1' }]);
      await two.state.placeLabel(await change({ left: waiting.slice(1) }));
      expect((await one.state.labels('t1')).waiting.map(({ seq }) => seq)).toEqual([2]);
      await two.state.placeLabel(await change());
      expect((await one.state.labels('t1')).waiting).toEqual([]);
      expect(await unbound()).toEqual([]);
      expect(await one.state.waitingSince(sinceMs, 10)).toEqual([]);
    });

    it('lets a label take the place of any that waits, and counts the wait from the oldest left', async () => {
      const wait = async (frame: string, left: readonly Placed[]): Promise<Placed> => {
        await sleep(3); // so that no two arrive at once
        return placeLabel(one, { becomes: 'waiting', frame: aFrame(frame), left });
      };
      const a = await wait('a', []);
      const b = await wait('b', [a]);
      const c = await wait('c', [a, b]);
      const seqs = async (): Promise<readonly number[]> => (await two.state.labels('t1')).waiting.map(({ seq }) => seq);
      const d = await wait('instead of b', [a, c]);
      expect(await seqs()).toEqual([a.seq, c.seq, d.seq]);
      const e = await wait('instead of a', [c, d]);
      expect(await seqs()).toEqual([c.seq, d.seq, e.seq]);
      expect(await two.state.waitingSince(c.arrivalMs - 1, 10)).toEqual([]);
      expect(await two.state.waitingSince(c.arrivalMs, 10)).toEqual(['t1']);
    });

    it('publishes each version of the tables once, and pins it in every claim from then on', async () => {
      expect(asClaimed(await one.store.claim(aClaim('t1'))).tablesVersion).toBe(0);
      const placed = await Promise.all([one, two].map(({ state }) => state.place({ frame: aFrame('t'), tables: 1 })));
      expect(placed.filter((place) => place !== undefined)).toHaveLength(1);
      expect(asClaimed(await two.store.claim(aClaim('t2'))).tablesVersion).toBe(1);
      expect(await two.state.tablesVersion()).toBe(1);
      expect(await one.state.tables(1)).toMatchObject({ seq: 2 });
      expect(await one.state.tables(2)).toBeUndefined();
      expect(await one.state.place({ frame: aFrame('t'), tables: 3 })).toBeUndefined();
    });

    it('puts a version in force only in place of the one named', async () => {
      const record = (before: string | undefined, version: string): object => ({ subject: 'model', before, version });
      const put = (before: string | undefined, version: string): Promise<unknown> =>
        one.state.place({ frame: aFrame(version), inForce: record(before, version) as never });
      expect(await put(undefined, 'v1')).toMatchObject({ seq: 1 });
      expect(await put(undefined, 'v2')).toBeUndefined();
      expect(await put('v1', 'v2')).toMatchObject({ seq: 2 });
      expect(await two.state.inForce('model')).toBe('v2');
      expect(await two.state.inForce('policy')).toBeUndefined();
    });

    it('gives a role to one at a time, with a number that grows', async () => {
      const first = await one.state.lead('tables', 'one', 60_000);
      expect(await one.state.lead('tables', 'one', 40)).toBe(first);
      expect(await two.state.lead('tables', 'two', 60_000)).toBeUndefined();
      expect(await two.state.lead('other', 'two', 60_000)).toBeDefined();
      await sleep(60);
      expect(await two.state.lead('tables', 'two', 60_000)).toBeGreaterThan(first!);
      expect(await one.state.lead('tables', 'one', 60_000)).toBeUndefined();
    });

    it('has processes of one version at a time, until they leave or nothing is heard of them', async () => {
      expect(await one.state.attend('a', 'old', 60_000)).toBe(true);
      expect(await two.state.attend('b', 'old', 60_000)).toBe(true);
      expect(await two.state.attend('c', 'new', 60_000)).toBe(false);
      await one.state.leave('a');
      expect(await two.state.attend('c', 'new', 60_000)).toBe(false);
      expect(await one.state.attend('b', 'old', 40)).toBe(true);
      await sleep(60);
      expect(await two.state.attend('c', 'new', 60_000)).toBe(true);
      expect(await one.state.attend('b', 'old', 60_000)).toBe(false);
    });

    it('hears who is there while it is being restored', async () => {
      expect(await one.state.attend('a', 'old', 60_000)).toBe(true);
      await two.state.restore();
      expect(await two.state.attend('b', 'new', 60_000)).toBe(false);
      expect(await one.state.attend('a', 'old', 60_000)).toBe(true);
    });

    it('keeps what one tells the others, for a time or for good, and what the first of them said', async () => {
      expect(await two.state.told('head')).toBeUndefined();
      await one.state.tell('head', 'at 5', 40);
      expect(await two.state.told('head')).toBe('at 5');
      await sleep(60);
      expect(await two.state.told('head')).toBeUndefined();
      expect(await one.state.agree('key', 'a')).toBe('a');
      expect(await two.state.agree('key', 'b')).toBe('a');
      await two.state.restore();
      expect(await two.state.told('key')).toBe('a');
      await two.state.tell('key', 'c');
      expect(await one.state.agree('key', 'a')).toBe('c');
    });

    it('shares a bucket of tokens among instances', async () => {
      const taken = [];
      for (let i = 0; i < 8; i++) taken.push(await (i % 2 === 0 ? one : two).state.takeTokens('key', 4, 1));
      expect(taken.slice(0, 4)).toEqual([true, true, true, true]);
      expect(taken.slice(4)).toContain(false);
      expect(await one.state.takeTokens('batch', 4, 100)).toBe(true); // overdrawn once
      expect(await one.state.takeTokens('batch', 4, 1)).toBe(false);
      expect(await one.state.takeTokens('another key', 4, 1)).toBe(true);
      await sleep(600);
      expect(await two.state.takeTokens('key', 4, 1)).toBe(true);
    });

    it('is closed while it is restored, holds what was restored afterwards, and knows nothing of before', async () => {
      await one.store.claim(aClaim('before'));
      const epoch = one.store.epoch();
      const restoration = await two.state.restore();
      expect(await one.state.status()).toBe('restoring');
      await expect(one.store.claim(aClaim('t1'))).rejects.toMatchObject({ code: 'NOT_READY' });
      const { key } = aPart();
      const [seq, arrivalMs] = [41, Date.now() - 1_000];
      await restoration.histories([{ key, history: historyHead(0, new Uint8Array(16)) }]);
      await restoration.answered([{ transactionId: 't1', requestHash: HASH, place: { seq: 7, arrivalMs } }]);
      await restoration.labels([
        { transactionId: 't1', inForce: { seq: 8, arrivalMs, frame: aFrame('in force') }, waiting: [] },
        { transactionId: 't2', waiting: [{ seq: 9, arrivalMs, frame: aFrame('waits') }] },
      ]);
      await restoration.messages([{ message: '2:5', arrivalMs }]);
      await restoration.tables(3, { seq: 10, arrivalMs, frame: aFrame('tables') });
      await restoration.inForce('model', 'v9');
      expect(await restoration.open({ seq, arrivalMs }, 3)).toBe(true);
      await expect(one.store.claim(aClaim('t3'))).rejects.toMatchObject({ code: 'NOT_READY' });
      expect(one.store.epoch()).toBeGreaterThan(epoch);
      const claimed = asClaimed(await one.store.claim(aClaim('t3')));
      expect(claimed).toMatchObject({ place: { seq: 42 }, tablesVersion: 3 });
      expect(openHistory(claimed.histories[0]!)).toMatchObject({ imageOffset: 0, imageBytes: 16, end: 0 });
      expect(await one.store.claim(aClaim('before'))).toMatchObject({ status: 'claimed' });
      expect(await one.store.claim(aClaim('t1'))).toMatchObject({ status: 'answered', decisionSeq: 7 });
      expect(await one.state.labels('t1')).toMatchObject({
        decided: { seq: 7, arrivalMs },
        inForce: { seq: 8, arrivalMs },
      });
      expect((await one.state.labels('t2')).waiting).toMatchObject([{ seq: 9 }]);
      expect(await one.state.waitingSince(arrivalMs, 9)).toEqual(['t2']);
      expect(await one.state.tables(3)).toMatchObject({ seq: 10 });
      expect(await one.state.inForce('model')).toBe('v9');
      expect(await one.state.placeLabel(await change({ message: '2:5' }))).toBe('on record');
    });

    it('leaves labels that a restoration finds waiting for an answered payment to be bound', async () => {
      const restoration = await one.state.restore();
      const arrivalMs = Date.now() - 1_000;
      await restoration.answered([{ transactionId: 't1', requestHash: HASH, place: { seq: 7, arrivalMs } }]);
      const waiting = [{ seq: 6, arrivalMs, frame: aFrame('waits') }];
      await restoration.labels(['t1', 't2'].map((transactionId) => ({ transactionId, waiting })));
      expect(await restoration.open({ seq: 9, arrivalMs }, 0)).toBe(true);
      expect(await one.store.unfinished(0, 9)).toEqual([{ kind: 'labels', transactionId: 't1' }]);
    });

    it('begins an epoch behind any that is named', async () => {
      const named = (await one.state.restore()).epoch + 1_000_000;
      expect((await one.state.restore(named)).epoch).toBeGreaterThan(named);
    });

    it('lets no restoration open the store that another has overtaken', async () => {
      const early = await one.state.restore();
      const late = await two.state.restore();
      expect(await early.open({ seq: 1, arrivalMs: 1 }, 0)).toBe(false);
      expect(await one.state.status()).toBe('restoring');
      expect(late.epoch).toBeGreaterThan(early.epoch);
      expect(await late.open({ seq: 5, arrivalMs: 1 }, 0)).toBe(true);
      expect(await one.state.status()).toBe('open');
      expect(one.store.epoch()).toBe(late.epoch);
      expect(asClaimed(await one.store.claim(aClaim('t1'))).place.seq).toBe(6);
    });
  });
}
