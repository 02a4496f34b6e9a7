import { describe, expect, it } from 'vitest';
import { type LabelledTransaction } from '../../src/domain/labelled-transaction.ts';
import { sendPayments, type PaymentStreamPlan, type StreamProgress } from '../../src/load/payment-stream.ts';
import { type PaymentSink, type SinkMessage } from '../../src/ports/payment-sink.ts';
import { aTransaction, NOON_MS } from '../support/transactions.ts';
import { range } from '../support/journals.ts';

/** `count` payments a second apart; every third is a fraud that becomes known `delayMs` later. */
const payments = (count: number, delayMs: number) => (): LabelledTransaction[] =>
  range(0, count - 1).map((index) => {
    const eventTimeMs = NOON_MS + 1_000 * index;
    const transaction = aTransaction({ transactionId: `t${index}`, userId: `u${index}`, eventTimeMs });
    return { transaction, label: { isFraud: index % 3 === 0, arrivalMs: eventTimeMs + delayMs } };
  });

interface Taken extends SinkMessage {
  readonly atMs: number;
  readonly body: { readonly transaction_id: string; readonly timestamp?: string };
}

function aSink(): PaymentSink & { readonly taken: Taken[] } {
  const taken: Taken[] = [];
  return {
    taken,
    send(messages) {
      const atMs = performance.now();
      taken.push(...messages.map((each) => ({ ...each, atMs, body: JSON.parse(each.value) as Taken['body'] })));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

const run = (sink: PaymentSink, plan: Partial<PaymentStreamPlan>): Promise<StreamProgress> =>
  sendPayments({
    payments: payments(9, 2_500),
    pace: { perSecond: Infinity },
    loop: false,
    dated: true,
    sink,
    signal: new AbortController().signal,
    nowMs: () => performance.now(),
    ...plan,
  });

describe('payments sent as messages', () => {
  it('come in order under their user, each fraud’s label when the payments have come to its time', async () => {
    const sink = aSink();
    expect(await run(sink, {})).toMatchObject({ payments: 9, labels: 3, rounds: 1 });
    const texts = sink.taken.map(({ to, key }) => `${to} ${key}`);
    const at = (text: string): number => texts.indexOf(text);
    expect(texts.filter((text) => text.startsWith('transactions'))).toEqual(
      range(0, 8).map((n) => `transactions u${n}`),
    );
    expect(at('labels t0')).toBe(at('transactions u3') - 1);
    expect(at('labels t3')).toBe(at('transactions u6') - 1);
    expect(at('labels t6')).toBe(texts.length - 1);
    expect(sink.taken[0]!.body.timestamp).toBeDefined();
  });

  it('leave at the rate asked for, or at their own times so much faster', async () => {
    for (const pace of [{ perSecond: 50 }, { speedUp: 50 }]) {
      const sink = aSink();
      const begunMs = performance.now();
      await run(sink, { pace, payments: payments(11, 1e9) });
      const times = sink.taken.filter(({ to }) => to === 'transactions').map(({ atMs }) => atMs - begunMs);
      times.forEach((ms, index) => expect(ms).toBeGreaterThan(20 * index - 1));
      expect(times.at(-1)!).toBeLessThan(2_000);
    }
  });

  it('begin again under other ids until they are told to stop', async () => {
    const stopping = new AbortController();
    const sink = aSink();
    const stopAtThirty: PaymentSink = {
      ...sink,
      async send(messages) {
        await sink.send(messages);
        if (sink.taken.length >= 30) stopping.abort();
      },
    };
    const progress = await run(stopAtThirty, {
      loop: true,
      dated: false,
      pace: { perSecond: 2_000 },
      signal: stopping.signal,
    });
    expect(progress.rounds).toBeGreaterThan(2);
    const ids = sink.taken.filter(({ to }) => to === 'transactions').map(({ body }) => body.transaction_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('t0-2');
    expect(sink.taken.every(({ body }) => body.timestamp === undefined)).toBe(true);
  });
});
