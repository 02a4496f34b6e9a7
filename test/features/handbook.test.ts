import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LabelArrival } from '../../src/domain/label.ts';
import { anEngine, vectorOf } from '../support/engines.ts';
import { anArrival, aTransaction } from '../support/transactions.ts';

interface Golden {
  readonly columns: readonly string[];
  /** [epoch milliseconds, customer, terminal, amount in cents, fraud] */
  readonly payments: readonly (readonly [number, number, number, number, number])[];
  readonly features: readonly (readonly number[])[];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/handbook/features.json'), 'utf8'),
) as Golden;
const DELAY_MS = 7 * 86_400_000;

describe('the Handbook’s features', () => {
  it('equal those of pandas: counts and risks exactly, averages within 1e-6', () => {
    const engine = anEngine({ catalogue: 'handbook' });
    const waiting: LabelArrival[] = [];
    expect(engine.catalogue.features.map(({ name }) => name)).toEqual(golden.columns);
    for (const [row, [timeMs, customer, terminal, cents, fraud]] of golden.payments.entries()) {
      while (waiting[0] !== undefined && waiting[0].label.arrivalMs <= timeMs) engine.label(waiting.shift()!);
      const transaction = aTransaction({
        transactionId: `tx-${row}`,
        userId: `${customer}`,
        merchantId: `${terminal}`,
        amountMinor: cents,
        eventTimeMs: timeMs,
      });
      const arrival = anArrival({ seq: row + 1, transaction });
      const vector = vectorOf(engine, arrival);
      for (const [index, column] of golden.columns.entries()) {
        const expected = golden.features[row]![index]!;
        const at = `row ${row}, ${column}`;
        if (column.includes('AVG') || column.includes('RISK')) expect(vector[index], at).toBeCloseTo(expected, 9);
        else expect(vector[index], at).toBe(expected);
      }
      engine.update(arrival, 'approve');
      if (fraud === 1) waiting.push(aFraud(row + 1, timeMs, cents, `${customer}`, `${terminal}`));
    }
  });
});

function aFraud(seq: number, timeMs: number, cents: number, user: string, merchant: string): LabelArrival {
  return {
    seq: 0,
    label: { transactionId: `tx-${seq - 1}`, isFraud: true, source: 'chargeback', arrivalMs: timeMs + DELAY_MS },
    payment: {
      seq,
      eventTimeMs: timeMs,
      amountBaseMinor: cents,
      entities: { user, merchant },
      merchantCategory: 'grocery',
      blocked: false,
    },
  };
}
