/** The transaction source port over DuckDB: CSV and Parquet files, gzip too. */
import { createCleaner } from '../../datasets/cleaning.ts';
import { type DatasetMapping } from '../../datasets/mapping.ts';
import { type RateTable } from '../../domain/money.ts';
import { type OpenedTransactions, type TransactionSource } from '../../ports/transaction-source.ts';
import { type Engine, openEngine } from './engine.ts';
import { prepareDataset } from './prepare-dataset.ts';
import { cleanedBatches, eventTimes, sampledBatches } from './staged-reader.ts';
import { stageFiles } from './staging.ts';

async function openFiles(
  engine: Engine,
  mapping: DatasetMapping,
  files: readonly string[],
  rates?: RateTable,
): Promise<OpenedTransactions> {
  const staged = await stageFiles(engine.connection, mapping, files);
  const cleaner = createCleaner(mapping, staged, rates);
  return {
    rows: staged.rows,
    read: () => cleanedBatches(staged, cleaner),
    times: () => eventTimes(mapping, staged),
    sample: (most, beforeMs) => sampledBatches(mapping, staged, most, beforeMs),
    report: () => cleaner.report(),
    close: () => engine.close(),
  };
}

export function createTransactionSource(): TransactionSource {
  return {
    async open(mapping, files, rates) {
      const engine = await openEngine();
      try {
        return await openFiles(engine, mapping, files, rates);
      } catch (cause) {
        engine.close();
        throw cause;
      }
    },
    prepare: prepareDataset,
  };
}
