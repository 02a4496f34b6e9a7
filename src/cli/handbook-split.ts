/** The Handbook's single split as a table and periods to train a model from. */
import { HANDBOOK_MAPPING } from '../datasets/mappings/handbook.ts';
import { type RateTable } from '../domain/money.ts';
import { type FeatureSettings } from '../features/engine.ts';
import {
  firstRowFrom,
  foldFrom,
  HANDBOOK_LENGTHS,
  HANDBOOK_SINGLE_FROM_MS,
  type Periods,
  periodsOf,
  testRowsWithoutKnownFrauds,
} from '../training/split.ts';
import { takeDatasetRows } from '../usecases/build-training-table.ts';
import { type CommandInput } from './command.ts';
import { type LoadedTable, loadTable } from './training-data.ts';

/** Rows of the weeks needed; the test week without customers already known to be defrauded, as the protocol has it. */
export async function loadHandbookSplit(
  input: Pick<CommandInput, 'progress' | 'signal' | 'say'>,
  path: string,
  settings: FeatureSettings,
  rates: RateTable,
): Promise<LoadedTable & { readonly periods: Periods }> {
  const fold = foldFrom(HANDBOOK_SINGLE_FROM_MS, HANDBOOK_LENGTHS);
  const periods = periodsOf(fold);
  const [fromMs, toMs] = [periods.earlyStopping.fromMs, fold.test.toMs];
  const loaded = await loadTable(input, HANDBOOK_MAPPING, [path], settings, {
    rates,
    keep: ({ transaction }) => transaction.eventTimeMs >= fromMs && transaction.eventTimeMs < toMs,
  });
  const { table } = loaded;
  const test = testRowsWithoutKnownFrauds(table, fold);
  const rows = Uint32Array.from(
    { length: firstRowFrom(table.timesMs, fold.test.fromMs) + test.length },
    (_, row) => row,
  );
  rows.set(test, rows.length - test.length);
  return { ...loaded, table: takeDatasetRows(table, rows), periods };
}
