/** Functions of the Handbook's fifteen features, each of one row alone: what its windows say when set against each other. */
import { type TrainingTable } from '../src/training/table.ts';

const DAYS = [1, 7, 30] as const;
/** Of one window within another: the days between them. */
const BETWEEN = [
  [1, 7],
  [7, 30],
  [1, 30],
] as const;

type Column = (name: string) => Float64Array;
type Cell = (row: number) => number;

/** NaN where there is nothing to divide by. */
const share = (part: number, whole: number): number => (whole > 0 ? part / whole : NaN);

function functionsOf(column: Column): Readonly<Record<string, Cell>> {
  const amount = column('TX_AMOUNT');
  const cells: Record<string, Cell> = {};
  const payments = (days: number): Float64Array => column(`CUSTOMER_ID_NB_TX_${days}DAY_WINDOW`);
  const means = (days: number): Float64Array => column(`CUSTOMER_ID_AVG_AMOUNT_${days}DAY_WINDOW`);
  const known = (days: number): Float64Array => column(`TERMINAL_ID_NB_TX_${days}DAY_WINDOW`);
  const risk = (days: number): Float64Array => column(`TERMINAL_ID_RISK_${days}DAY_WINDOW`);
  const spent = (days: number, row: number): number => payments(days)[row]! * means(days)[row]!;
  const frauds = (days: number, row: number): number => Math.round(known(days)[row]! * risk(days)[row]!);

  for (const days of DAYS) {
    // The windows hold the payment itself, which a large one moves towards itself.
    const past = (row: number): number => share(spent(days, row) - amount[row]!, payments(days)[row]! - 1);
    cells[`PAST_AVG_AMOUNT_${days}DAY`] = past;
    cells[`AMOUNT_TO_PAST_${days}DAY`] = (row) => share(amount[row]!, past(row));
    cells[`TERMINAL_FRAUDS_${days}DAY`] = (row) => frauds(days, row);
  }
  for (const [inner, outer] of BETWEEN) {
    const older = (row: number): number =>
      share(spent(outer, row) - spent(inner, row), payments(outer)[row]! - payments(inner)[row]!);
    cells[`AVG_AMOUNT_${inner}_TO_${outer}DAY`] = older;
    cells[`AMOUNT_TO_AVG_${inner}_TO_${outer}DAY`] = (row) => share(amount[row]!, older(row));
    cells[`AVG_${inner}DAY_TO_${inner}_TO_${outer}DAY`] = (row) => share(means(inner)[row]!, older(row));
    cells[`TERMINAL_FRAUDS_${inner}_TO_${outer}DAY`] = (row) => frauds(outer, row) - frauds(inner, row);
    cells[`TERMINAL_RISK_${inner}_TO_${outer}DAY`] = (row) =>
      share(frauds(outer, row) - frauds(inner, row), known(outer)[row]! - known(inner)[row]!);
  }
  return cells;
}

/** The fifteen and, behind them, what follows from them. */
export function withDerived(table: TrainingTable): TrainingTable {
  const cells = functionsOf((name) => table.values[table.names.indexOf(name)]!);
  const names = Object.keys(cells);
  return {
    ...table,
    names: [...table.names, ...names],
    kinds: [...table.kinds, ...names.map(() => 'numeric' as const)],
    values: [
      ...table.values,
      ...names.map((name) => Float64Array.from({ length: table.rows }, (_, row) => cells[name]!(row))),
    ],
    ...(table.cyclesMs && { cyclesMs: [...table.cyclesMs, ...names.map(() => undefined)] }),
  };
}
