/** What several commands need to get from files to a training table. */
import { stat } from 'node:fs/promises';
import { createTransactionSource } from '../adapters/duckdb/transaction-source.ts';
import { fingerprint } from '../adapters/duckdb/whole-file.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { type DatasetMapping } from '../datasets/mapping.ts';
import { type CleaningReport } from '../datasets/cleaning.ts';
import { replayOrderOfBatches } from '../datasets/replay-order.ts';
import { type Arrival } from '../domain/transaction.ts';
import { SentinelError } from '../domain/errors.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type Provenance } from '../scoring/artifact.ts';
import { buildTrainingTable, type DatasetTable } from '../usecases/build-training-table.ts';
import { type CommandInput } from './command.ts';

/** The feature settings a mapping stands for, on a catalogue of choice. */
export function settingsOf(mapping: DatasetMapping, catalogue = mapping.features.catalogue): FeatureSettings {
  return {
    catalogue,
    labelDelayMs: mapping.labelDelayMs,
    utcOffsetMinutes: 0,
    merchantWindows: mapping.features.merchantWindows,
  };
}

export interface LoadedTable {
  readonly table: DatasetTable;
  readonly cleaning: CleaningReport;
  readonly data: Provenance['data'];
}

/** Reads, cleans and replays files; progress on stderr. DATA_UNREADABLE when a file is not there. */
export async function loadTable(
  { progress, signal }: Pick<CommandInput, 'progress' | 'signal'>,
  mapping: DatasetMapping,
  files: readonly string[],
  settings: FeatureSettings,
  keep?: (arrival: Arrival) => boolean,
): Promise<LoadedTable> {
  for (const file of files) {
    await stat(file).catch((error: unknown) => {
      throw new SentinelError('DATA_UNREADABLE', { file, problem: 'there is no such file' }, error);
    });
  }
  const opened = await createTransactionSource().open(mapping, files);
  const bar = progress('features', opened.rows);
  try {
    const table = await buildTrainingTable(replayOrderOfBatches(opened.read(), mapping.labelDelayMs), {
      settings,
      rates: DEFAULT_RATES,
      ...(keep && { keep }),
      onRows: (rows) => {
        signal.throwIfAborted();
        bar.update(rows);
      },
    });
    bar.finish();
    const { sha256 } = await fingerprint(files[0]!);
    const [fromMs, toMs] = [table.timesMs[0] ?? 0, table.timesMs.at(-1) ?? 0];
    const data = { mapping: mapping.name, path: files.join(' '), sha256, rows: table.rows, fromMs, toMs };
    return { table, cleaning: opened.report(), data };
  } finally {
    opened.close();
  }
}
