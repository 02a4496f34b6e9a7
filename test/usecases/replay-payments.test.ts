import { describe, expect, it } from 'vitest';
import {
  createFeatureEngine,
  createSimulation,
  type FeatureSettings,
  replayPayments,
  simulationOf,
  TrainingPipeline,
} from '../../src/index.ts';

const settings: FeatureSettings = { catalogue: 'sentinel', labelDelayMs: 7 * 86_400_000, utcOffsetMinutes: 0, merchantWindows: 'tiles' }; // prettier-ignore
const payments = () => createSimulation(simulationOf({ transactions: 3_000, users: 100, fraudShare: 0.1 }));

describe('replayPayments', () => {
  it('gives every payment the features of the training table, risk tables and labels included', async () => {
    const table = await new TrainingPipeline({ features: settings }).table(payments());
    const engine = createFeatureEngine(settings);
    const replayed = [...replayPayments(engine, payments())];
    expect(replayed.map(({ arrival }) => arrival.transaction.transactionId)).toEqual(table.transactionIds);
    expect(replayed.map(({ label }) => Number(label?.isFraud === true))).toEqual([...table.labels]);
    table.names.forEach((name, column) => {
      expect(
        Float64Array.from(replayed, ({ vector }) => vector[column]!),
        name,
      ).toEqual(table.values[column]);
    });
    expect(engine.tablesVersion).toBeGreaterThan(100); // an hour each
  });

  it('refuses payments out of shape', () => {
    const { transaction } = [...payments()][0]!;
    const broken = [{ transaction: { ...transaction, amountMinor: 1.5 } }];
    expect(() => [...replayPayments(createFeatureEngine(settings), broken)]).toThrow('invalid amountMinor');
  });
});
