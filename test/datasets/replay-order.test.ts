/** Payments and labels in arrival order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type createReplayOrder, replayOrder, replayOrderOfBatches } from '../../src/datasets/replay-order.ts';
import { withoutCampaign } from '../../src/datasets/without-campaign.ts';
import { aLabelled } from '../support/labelled-transactions.ts';
import { NOON_MS } from '../support/transactions.ts';

const DELAY_MS = 1_000;

/** `t0`, `t1`, … at their times; a fraud label after `delay`. */
function payments(...rows: readonly (readonly [at: number, fraudAfter?: number | undefined])[]) {
  return rows.map(([at, fraudAfter], index) =>
    aLabelled(
      { transactionId: `t${index}`, eventTimeMs: NOON_MS + at },
      fraudAfter === undefined ? undefined : { isFraud: true, arrivalMs: NOON_MS + at + fraudAfter },
    ),
  );
}

const told = (events: Iterable<ReturnType<ReturnType<typeof createReplayOrder>['add']>[number]>): string[] =>
  [...events].map((event) =>
    event.type === 'payment' ? event.payment.transaction.transactionId : `label ${event.label.transactionId}`,
  );

describe('replay order', () => {
  it('puts a label at its arrival, before a payment of the same time', () => {
    const rows = payments([0, 10], [5, 100], [10], [11]);
    expect(told(replayOrder(rows, DELAY_MS))).toEqual(['t0', 't1', 'label t0', 't2', 't3', 'label t1']);
  });

  it('never puts a label before its own payment, even when it arrives at once', () => {
    expect(told(replayOrder(payments([0, 0], [0]), DELAY_MS))).toEqual(['t0', 'label t0', 't1']);
  });

  it('keeps labels that arrive together in the order of their payments', () => {
    expect(told(replayOrder(payments([0, 10], [1, 9], [2, 8]), DELAY_MS)).slice(3)).toEqual([
      'label t0',
      'label t1',
      'label t2',
    ]);
  });

  it('says genuine only when somebody said so before silence does', () => {
    const explicit = aLabelled({ transactionId: 'said' }, { isFraud: false, arrivalMs: NOON_MS + DELAY_MS - 1 });
    const silent = aLabelled({ transactionId: 'silent' }, { isFraud: false, arrivalMs: NOON_MS + DELAY_MS });
    expect(told(replayOrder([explicit, silent], DELAY_MS))).toEqual(['said', 'silent', 'label said']);
  });

  it('carries the label as it will be recorded', () => {
    const row = aLabelled({}, { isFraud: true, arrivalMs: NOON_MS + 5, campaign: 'mule_ring' });
    expect([...replayOrder([row], DELAY_MS)][1]).toEqual({
      type: 'label',
      atMs: NOON_MS + 5,
      label: {
        transactionId: 't1',
        isFraud: true,
        source: 'chargeback',
        arrivalMs: NOON_MS + 5,
        campaign: 'mule_ring',
      },
      transaction: row.transaction,
    });
  });

  it('equals a stable sort by time for any delays', () => {
    const histories = fc.array(fc.tuple(fc.nat(20), fc.option(fc.nat(30), { nil: undefined })), { maxLength: 40 });
    fc.assert(
      fc.property(histories, (drawn) => {
        const rows = payments(
          ...drawn
            .toSorted(([a], [b]) => a - b)
            .map(([at, after]): [number, number?] => (after === undefined ? [at] : [at, after])),
        );
        // A label sorts before payments of its time, but after its own payment.
        const expected = rows
          .flatMap((row, index) => {
            const id = row.transaction.transactionId;
            const at = row.transaction.eventTimeMs;
            const payment = { at, kind: 1, index, name: id };
            if (row.label === undefined) return [payment];
            const atOnce = row.label.arrivalMs === at;
            return [
              payment,
              { at: row.label.arrivalMs, kind: atOnce ? 1 : 0, index: index + 0.5, name: `label ${id}` },
            ];
          })
          .toSorted((a, b) => a.at - b.at || a.kind - b.kind || a.index - b.index)
          .map(({ name }) => name);
        expect(told(replayOrder(rows, DELAY_MS))).toEqual(expected);
      }),
    );
  });

  it('does not depend on how payments are batched', async () => {
    const rows = payments([0, 10], [5, 3], [5], [9, 1], [30]);
    async function* batches() {
      yield rows.slice(0, 2);
      yield [];
      yield rows.slice(2);
    }
    const events = [];
    for await (const batch of replayOrderOfBatches(batches(), DELAY_MS)) events.push(...batch);
    expect(events).toEqual([...replayOrder(rows, DELAY_MS)]);
  });
});

describe('holding out a campaign', () => {
  it('leaves out its payments and no others', () => {
    const rows = ['mule_ring', 'bust_out', undefined].map((campaign, index) =>
      aLabelled({ transactionId: `t${index}` }, { isFraud: true, arrivalMs: 0, ...(campaign && { campaign }) }),
    );
    expect([...withoutCampaign(rows, 'mule_ring')]).toEqual(rows.slice(1));
  });
});
