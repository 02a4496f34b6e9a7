import { expect, it } from 'vitest';
import { withDerived } from '../../bench/handbook-derived.ts';
import { HANDBOOK_CATALOGUE } from '../../src/features/catalogue.ts';
import { aTrainingTable } from '../support/training-tables.ts';

it('sets the windows of one payment against each other, and says nothing where one is empty', () => {
  // The customer paid 10 and 30 (this one) in the last day, 20 in the six days before; nothing before that.
  const row = {
    TX_AMOUNT: 30,
    CUSTOMER_ID_NB_TX_1DAY_WINDOW: 2,
    CUSTOMER_ID_AVG_AMOUNT_1DAY_WINDOW: 20,
    CUSTOMER_ID_NB_TX_7DAY_WINDOW: 3,
    CUSTOMER_ID_AVG_AMOUNT_7DAY_WINDOW: 20,
    CUSTOMER_ID_NB_TX_30DAY_WINDOW: 3,
    CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW: 20,
    TERMINAL_ID_NB_TX_7DAY_WINDOW: 4,
    TERMINAL_ID_RISK_7DAY_WINDOW: 0.5,
    TERMINAL_ID_NB_TX_30DAY_WINDOW: 10,
    TERMINAL_ID_RISK_30DAY_WINDOW: 0.3,
  } as Readonly<Record<string, number>>;
  const names = HANDBOOK_CATALOGUE.features.map(({ name }) => name);
  const table = withDerived({
    ...aTrainingTable({ rows: 1 }),
    names,
    kinds: names.map(() => 'numeric' as const),
    values: names.map((name) => Float64Array.of(row[name] ?? 0)),
  });
  const cells = Object.fromEntries(table.names.map((name, column) => [name, table.values[column]![0]]));
  expect(cells).toMatchObject({
    ...row,
    PAST_AVG_AMOUNT_1DAY: 10,
    AMOUNT_TO_PAST_1DAY: 3,
    PAST_AVG_AMOUNT_30DAY: 15,
    AVG_AMOUNT_1_TO_7DAY: 20,
    AMOUNT_TO_AVG_1_TO_7DAY: 1.5,
    AVG_1DAY_TO_1_TO_7DAY: 1,
    AVG_AMOUNT_7_TO_30DAY: NaN,
    AMOUNT_TO_AVG_7_TO_30DAY: NaN,
    TERMINAL_FRAUDS_1DAY: 0,
    TERMINAL_FRAUDS_7DAY: 2,
    TERMINAL_FRAUDS_7_TO_30DAY: 1,
    TERMINAL_RISK_7_TO_30DAY: 1 / 6,
  });
  expect(table.names).toHaveLength(table.kinds.length);
  expect(table.values).toHaveLength(table.names.length);
});
