/** What every shared store must do, whatever it is made of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockedEvent } from '../../src/features/entity-event.ts';
import { historyHead, openHistory } from '../../src/features/entity-history.ts';
import { entityKey } from '../../src/features/replica.ts';
import { type Confirmed } from '../../src/ports/online-store.ts';
import { aClaim, aFrame, ANSWER, aPart, asClaimed, EVENT, EVENT_BYTES, HASH, openTwo, type StoreInstance, type StoreWorld } from '../support/shared-stores.ts'; // prettier-ignore

export function testOnlineStore(name: string, openWorld: StoreWorld): void {
  describe(`online store: ${name}`, () => {
    let one: StoreInstance;
    let two: StoreInstance;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ one, two, close } = await openTwo(openWorld));
    });
    afterEach(() => close());

    const confirm = (id: string, seq = 1): Promise<Confirmed> =>
      one.store.confirm({ transactionId: id, seq, epoch: one.store.epoch(), answer: ANSWER });

    it('is to be restored before it takes a claim', async () => {
      const world = await openWorld();
      const instance = await world.instance();
      expect(await instance.state.status()).toBe('restoring');
      await expect(instance.store.claim(aClaim('t1'))).rejects.toMatchObject({ code: 'NOT_READY' });
      await instance.close();
      await world.end();
    });

    it('gives claims of all instances consecutive places, arrivals never going back', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).store.claim(aClaim(`t${i}`))),
      );
      const places = outcomes.map((outcome) => asClaimed(outcome).place).sort((a, b) => a.seq - b.seq);
      expect(places.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      for (let i = 1; i < places.length; i++)
        expect(places[i]!.arrivalMs).toBeGreaterThanOrEqual(places[i - 1]!.arrivalMs);
      expect(Math.abs(places[0]!.arrivalMs - Date.now())).toBeLessThan(5_000);
    });

    it('returns what a part lacks of its history, without the payment claimed, and adds that', async () => {
      const first = asClaimed(await one.store.claim(aClaim('t1')));
      expect(first.histories).toHaveLength(1);
      expect(first.histories[0]).toHaveLength(0);
      const second = asClaimed(await two.store.claim(aClaim('t2')));
      expect(openHistory(second.histories[0]!).end).toBe(EVENT_BYTES);
      const third = asClaimed(await two.store.claim(aClaim('t3', { parts: [aPart('m1', EVENT_BYTES)] })));
      const { from, end } = openHistory(third.histories[0]!, EVENT_BYTES);
      expect([from, end]).toEqual([EVENT_BYTES, 2 * EVENT_BYTES]);
      const { histories } = await one.store.histories([aPart().key, aPart('other').key]);
      expect(openHistory(histories[0]!).end).toBe(3 * EVENT_BYTES);
      expect(histories[1]).toHaveLength(0);
    });

    it('takes what is asked for in one turn as if one came after the other', async () => {
      const later = { parts: [aPart('m1', EVENT_BYTES)] };
      const outcomes = await Promise.all([
        one.store.claim(aClaim('t1')),
        one.store.claim(aClaim('t1')),
        one.store.claim(aClaim('t2', later)),
        one.store.claim(aClaim('t1', { requestHash: HASH.replace('0', 'f') })),
        one.store.claim(aClaim('t3', { earliestArrivalMs: Date.now() + 60_000 })),
        one.store.claim(aClaim('t4', { parts: [] })),
        one.store.claim(aClaim('t5')),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['claimed', 'pending', 'claimed', 'reused', 'early', 'claimed', 'claimed']); // prettier-ignore
      const [first, , second, , , third, fourth] = outcomes as ReturnType<typeof asClaimed>[];
      expect([first, second, third, fourth].map((each) => each!.place.seq)).toEqual([1, 2, 3, 4]);
      expect(openHistory(second!.histories[0]!, EVENT_BYTES)).toMatchObject({ from: EVENT_BYTES, end: EVENT_BYTES });
      expect(third!.histories).toEqual([]);
      expect(openHistory(fourth!.histories[0]!).end).toBe(2 * EVENT_BYTES);
      expect((await two.store.unfinished(0, 10)).map((each) => 'transactionId' in each && each.transactionId)).toEqual(['t1', 't2', 't4', 't5']); // prettier-ignore
    });

    it('confirms what is asked for in one turn each by itself', async () => {
      const places = await Promise.all(['t1', 't2', 't3'].map((id) => one.store.claim(aClaim(id))));
      const event = blockedEvent(1_000);
      const confirmation = (id: string, seq: number, isBlocked: boolean) => ({
        transactionId: id,
        seq,
        epoch: one.store.epoch(),
        answer: ANSWER,
        ...(isBlocked && { blocked: { event, keys: [aPart().key] } }),
      });
      const [, second] = places.map((each) => asClaimed(each).place.seq);
      const ends = await Promise.allSettled([
        one.store.confirm(confirmation('t1', 1, false)),
        one.store.confirm(confirmation('t9', 1, true)),
        one.store.confirm(confirmation('t2', second!, true)),
        one.store.confirm(confirmation('t2', second!, true)),
        one.store.confirm(confirmation('t3', 7, true)),
      ]);
      expect(ends).toMatchObject([
        { value: { isFirst: true, labelsWait: false } },
        { reason: { code: 'NOT_READY' } },
        { value: { isFirst: true, labelsWait: false } },
        { value: { isFirst: false, labelsWait: false } },
        { reason: { code: 'NOT_READY' } },
      ]);
      const { histories } = await one.store.histories([aPart().key]);
      expect(histories[0]).toHaveLength(10 + 3 * EVENT_BYTES + 12 + event.length);
      expect(await two.store.unfinished(0, 10)).toMatchObject([{ kind: 'payment', transactionId: 't3' }]);
    });

    it('stores the place in front of each event', async () => {
      const { place } = asClaimed(await one.store.claim(aClaim('t1')));
      const { histories } = await one.store.histories([aPart().key]);
      const event = Buffer.from(histories[0]!.subarray(10));
      expect([event.readUIntLE(0, 6), event.readUIntLE(6, 6)]).toEqual([place.seq, place.arrivalMs]);
      expect(event.subarray(12).equals(EVENT)).toBe(true);
    });

    it('answers an id that is claimed with the claim as it was stored', async () => {
      const parts = [aPart('m1'), aPart('m2')];
      await one.store.claim(aClaim('t0'));
      const { place } = asClaimed(await one.store.claim(aClaim('t1', { parts })));
      const again = await two.store.claim(aClaim('t1', { parts }));
      if (again.status !== 'pending') throw new Error(again.status);
      const { claim } = again;
      expect(claim).toMatchObject({ place, tablesVersion: 0, ends: [EVENT_BYTES, 0] });
      expect(Buffer.from(claim.request).toString()).toBe('request of t1');
      expect(claim.settled).toBeUndefined();
      expect((await two.store.histories([aPart('m2').key])).histories[0]).toHaveLength(10 + EVENT_BYTES);
    });

    it('answers a confirmed id with its decision and a place for the repeat', async () => {
      const { place } = asClaimed(await one.store.claim(aClaim('t1')));
      expect(await confirm('t1')).toEqual({ isFirst: true, labelsWait: false });
      expect(await confirm('t1')).toEqual({ isFirst: false, labelsWait: false });
      const again = await two.store.claim(aClaim('t1'));
      expect(again).toMatchObject({ status: 'answered', decisionSeq: place.seq, repeat: { seq: place.seq + 1 } });
      expect(Buffer.from((again as { answer: Uint8Array }).answer).equals(ANSWER)).toBe(true);
      expect(await two.store.unfinished(0, 10)).toEqual([
        { kind: 'repeat', repeat: (again as { repeat: object }).repeat, decisionSeq: place.seq, transactionId: 't1' },
      ]);
      await two.store.confirmPlaced(place.seq + 1, two.store.epoch());
      expect(await two.store.unfinished(0, 10)).toEqual([]);
    });

    it('refuses an id used with other content, pending or answered, and a payment from the future', async () => {
      const other = HASH.replace('0', 'f');
      await one.store.claim(aClaim('t1'));
      expect(await two.store.claim(aClaim('t1', { requestHash: other }))).toEqual({ status: 'reused' });
      await confirm('t1');
      expect(await two.store.claim(aClaim('t1', { requestHash: other }))).toEqual({ status: 'reused' });
      const early = aClaim('t2', { earliestArrivalMs: Date.now() + 60_000 });
      expect(await one.store.claim(early)).toEqual({ status: 'early' });
      expect(asClaimed(await one.store.claim(aClaim('t2'))).place.seq).toBe(2);
    });

    it('settles on the first decision offered', async () => {
      await one.store.claim(aClaim('t1'));
      expect(Buffer.from(await one.store.settle('t1', 1, ANSWER, one.store.epoch())).equals(ANSWER)).toBe(true);
      expect(Buffer.from(await two.store.settle('t1', 1, new Uint8Array(8), two.store.epoch())).equals(ANSWER)).toBe(
        true,
      );
      const again = await two.store.claim(aClaim('t1'));
      expect(Buffer.from((again as { claim: { settled: Uint8Array } }).claim.settled).equals(ANSWER)).toBe(true);
    });

    it('confirms and settles no claim but the one at its place', async () => {
      await one.store.claim(aClaim('t1'));
      await expect(confirm('t1', 2)).rejects.toMatchObject({ code: 'NOT_READY' });
      await expect(confirm('t2', 1)).rejects.toMatchObject({ code: 'NOT_READY' });
      await expect(one.store.settle('t1', 2, ANSWER, one.store.epoch())).rejects.toMatchObject({ code: 'NOT_READY' });
      expect(await one.store.claim(aClaim('t1'))).toMatchObject({ status: 'pending' });
    });

    it('confirms and settles nothing of another epoch, though something stands at the same place', async () => {
      await one.store.claim(aClaim('t1'));
      await one.state.place({ frame: aFrame('a change') });
      const before = one.store.epoch();
      const restoration = await two.state.restore();
      await restoration.open({ seq: 0, arrivalMs: 0 }, 0);
      expect(await one.state.status()).toBe('open');
      await one.store.claim(aClaim('t1'));
      await one.state.place({ frame: aFrame('another') });
      await expect(one.store.settle('t1', 1, ANSWER, before)).rejects.toMatchObject({ code: 'NOT_READY' });
      await expect(one.store.confirmPlaced(2, before)).rejects.toMatchObject({ code: 'NOT_READY' });
      const left = await one.store.unfinished(0, 10);
      expect(left.map(({ kind }) => kind)).toEqual(['payment', 'record']);
      expect(left[0]).not.toMatchObject({ claim: { settled: expect.anything() as unknown } });
    });

    it('adds to the histories of a blocked payment under its own place, once', async () => {
      const { place } = asClaimed(await one.store.claim(aClaim('t1')));
      await one.store.claim(aClaim('t2'));
      const event = blockedEvent(1_000);
      const confirmation = {
        transactionId: 't1',
        seq: place.seq,
        epoch: one.store.epoch(),
        answer: ANSWER,
        blocked: { event, keys: [aPart().key] },
      };
      await one.store.confirm(confirmation);
      await two.store.confirm(confirmation);
      const { histories } = await one.store.histories([aPart().key]);
      const last = Buffer.from(histories[0]!.subarray(10 + 2 * EVENT_BYTES));
      expect(last).toHaveLength(12 + event.length);
      expect(last.readUIntLE(0, 6)).toBe(place.seq);
    });

    it('lists what is not confirmed, oldest first and only from the age asked for', async () => {
      await one.store.claim(aClaim('t1'));
      await one.store.claim(aClaim('t2'));
      await one.state.place({ frame: aFrame('a change') });
      expect(await two.store.unfinished(60_000, 10)).toEqual([]);
      const all = await two.store.unfinished(0, 10);
      expect(all.map(({ kind }) => kind)).toEqual(['payment', 'payment', 'record']);
      expect(all[0]).toMatchObject({ transactionId: 't1', claim: { place: { seq: 1 }, ends: [0] } });
      expect(await two.store.unfinished(0, 2)).toHaveLength(2);
      expect((await two.store.histories([])).settledBefore).toBe(1);
      await confirm('t1');
      expect((await two.store.histories([])).settledBefore).toBe(2);
      await confirm('t2', 2);
      await two.store.confirmPlaced(3, two.store.epoch());
      expect((await two.store.histories([])).settledBefore).toBe(4);
    });

    it('takes a newer image of a history and keeps the events behind it', async () => {
      const { key } = aPart();
      for (const id of ['t1', 't2', 't3']) await one.store.claim(aClaim(id));
      const image = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(await one.store.compact(key, historyHead(2 * EVENT_BYTES, image))).toBe(true);
      expect(await two.store.compact(key, historyHead(EVENT_BYTES, image))).toBe(false);
      expect(await two.store.compact(entityKey('merchant', 'nobody'), historyHead(1, image))).toBe(false);
      const ofAll = asClaimed(await one.store.claim(aClaim('t4', { parts: [aPart('m1', EVENT_BYTES)] })));
      expect(openHistory(ofAll.histories[0]!, EVENT_BYTES)).toMatchObject({
        imageOffset: 2 * EVENT_BYTES,
        imageBytes: image.length,
        from: 2 * EVENT_BYTES,
        end: 3 * EVENT_BYTES,
      });
      const ofTail = asClaimed(await one.store.claim(aClaim('t5', { parts: [aPart('m1', 3 * EVENT_BYTES)] })));
      expect(openHistory(ofTail.histories[0]!, 3 * EVENT_BYTES)).toMatchObject({
        from: 3 * EVENT_BYTES,
        end: 4 * EVENT_BYTES,
      });
    });

    it('keeps ids of any letters apart', async () => {
      const ids = ['ü', '\u0000', 'a b', '付款', '\'"\\'];
      for (const id of ids) expect((await one.store.claim(aClaim(id))).status).toBe('claimed');
      for (const id of ids) expect((await two.store.claim(aClaim(id))).status).toBe('pending');
      expect((await two.store.unfinished(0, 10)).map((u) => (u as { transactionId: string }).transactionId)).toEqual(
        ids,
      );
    });
  });
}
