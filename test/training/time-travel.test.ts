/** Features that know the future are found out, by name; the engine's own are not accused. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_RATES } from '../../src/decisions/rates.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { type FeatureSettings } from '../../src/features/engine.ts';
import { type ReplayEvent, replayOrder } from '../../src/datasets/replay-order.ts';
import { createSimulation } from '../../src/simulation/simulation.ts';
import { simulationOf } from '../../src/simulation/scale.ts';
import { type ComputeFeatures, type HistoryFeatures, requireNoFuture } from '../../src/training/time-travel.ts';
import { buildTrainingTable, takeDatasetRows } from '../../src/usecases/build-training-table.ts';
import { replayedFeatures, requireKnowable } from '../../src/usecases/check-time-travel.ts';

const settings: FeatureSettings = {
  catalogue: 'sentinel',
  labelDelayMs: 2 * DAY_MS,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
};
const payments = [...createSimulation(simulationOf({ transactions: 400, users: 20, fraudShare: 0.1 }))];
const events: readonly ReplayEvent[] = [...replayOrder(payments, settings.labelDelayMs)];
const honest = replayedFeatures(settings, DEFAULT_RATES);

/** The honest features with one more, planted. */
const planted =
  (column: (events: readonly ReplayEvent[]) => Float64Array): ComputeFeatures =>
  (history) => {
    const { names, transactionIds, values } = honest(history);
    return { names: [...names, 'oracle'], transactionIds, values: [...values, column(history)] };
  };
const paymentsOf = (history: readonly ReplayEvent[]) => history.filter((event) => event.type === 'payment');

const PLANTS: Readonly<Record<string, (history: readonly ReplayEvent[]) => Float64Array>> = {
  'the label itself': (history) =>
    Float64Array.from(paymentsOf(history), ({ payment }) => (payment.label?.isFraud === true ? 1 : 0)),
  'the customer’s next amount': (history) => {
    const next = new Map<string, number>();
    return Float64Array.from(paymentsOf(history).toReversed(), ({ payment: { transaction } }) => {
      const known = next.get(transaction.userId) ?? NaN;
      next.set(transaction.userId, transaction.amountMinor);
      return known;
    }).reverse();
  },
  'the amount against the mean of the whole file': (history) => {
    const amounts = paymentsOf(history).map(({ payment }) => payment.transaction.amountMinor);
    const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
    return Float64Array.from(amounts, (amount) => amount / mean);
  },
  'the merchant’s fraud rate over the whole file': (history) => {
    const frauds = new Map<string, number>();
    for (const event of history) {
      if (event.type !== 'label' || !event.label.isFraud) continue;
      frauds.set(event.transaction.merchantId, (frauds.get(event.transaction.merchantId) ?? 0) + 1);
    }
    return Float64Array.from(paymentsOf(history), ({ payment }) => frauds.get(payment.transaction.merchantId) ?? 0);
  },
};

describe('requireNoFuture', () => {
  it('accepts every feature of the engine', () => {
    expect(() => requireNoFuture(honest, events, 1)).not.toThrow();
  });

  it.each(Object.entries(PLANTS))('finds a planted feature that is %s, and names it', (_, column) => {
    expect(() => requireNoFuture(planted(column), events, 1)).toThrow(
      /The feature oracle knows the future: for payment/,
    );
  });

  it('accepts a planted feature that knows only the past', () => {
    const count = (history: readonly ReplayEvent[]): Float64Array => Float64Array.from(paymentsOf(history).keys());
    expect(() => requireNoFuture(planted(count), events, 1)).not.toThrow();
  });

  it('holds the table learnt from against what the past gives, a single bit included', () => {
    const used: HistoryFeatures = honest(events);
    expect(() => requireNoFuture(honest, events, 1, used)).not.toThrow();
    const column = used.names.indexOf('amount');
    used.values[column]![37]! += 2 ** -40;
    expect(() => requireNoFuture(honest, events, 1, used)).toThrow(/The feature amount knows the future/);
  });
});

describe('requireKnowable', () => {
  async function* inBatches(): AsyncGenerator<readonly ReplayEvent[]> {
    await Promise.resolve();
    yield events.slice(0, 300);
    yield events.slice(300);
  }

  it('accepts a table as it was built, and any choice of its rows', async () => {
    const table = await buildTrainingTable(inBatches(), { settings, rates: DEFAULT_RATES });
    expect(table.history?.events).toHaveLength(events.length);
    requireKnowable(table, settings, 1);
    requireKnowable(takeDatasetRows(table, Uint32Array.of(3, 50, 51, 300)), settings, 1);
  });

  it('refuses a table with a column swapped for the labels', async () => {
    const table = await buildTrainingTable(inBatches(), { settings, rates: DEFAULT_RATES });
    const column = table.names.indexOf('merchant_risk_score');
    const leaking = { ...table, values: table.values.with(column, Float64Array.from(table.labels)) };
    expect(() => requireKnowable(leaking, settings, 1)).toThrow(/The feature merchant_risk_score knows the future/);
  });
});
