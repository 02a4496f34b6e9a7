/** What several commands need to get from files to a training table. */
import { stat } from 'node:fs/promises';
import { createTransactionSource } from '../adapters/duckdb/transaction-source.ts';
import { fingerprint } from '../adapters/duckdb/whole-file.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { type DatasetMapping } from '../datasets/mapping.ts';
import { MAPPINGS } from '../datasets/mappings.ts';
import { type CleaningReport } from '../datasets/cleaning.ts';
import { replayOrderOfBatches } from '../datasets/replay-order.ts';
import { requireRows } from '../datasets/require-rows.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type RateTable } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { SentinelError } from '../domain/errors.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type RunInput } from '../ports/tracking.ts';
import { type OpenedTransactions } from '../ports/transaction-source.ts';
import { type Provenance } from '../scoring/artifact.ts';
import { firstRowFrom } from '../training/split.ts';
import { buildTrainingTable, type DatasetTable, takeDatasetRows } from '../usecases/build-training-table.ts';
import { type CommandInput, type Given, type Option } from './command.ts';
import { cleaningNotice, unlabelledNotice } from './render-cleaning.ts';

/** `--mapping`. */
export const MAPPING_OPTION: Option = {
  name: 'mapping',
  type: 'text',
  value: 'NAME',
  default: 'sentinel',
  choices: MAPPINGS.map(({ name }) => name),
  sentence: 'How the file is to be read; see sentinel datasets.',
};

/** `--data` and `--mapping` of commands that need a file. */
export const DATA_OPTIONS: readonly Option[] = [
  { name: 'data', type: 'text', value: 'FILE', required: true, sentence: 'CSV or Parquet file of payments.' },
  MAPPING_OPTION,
];

/** `--data` and `--mapping` of commands that also do without a file. */
export const OPTIONAL_DATA_OPTIONS: readonly Option[] = [
  { name: 'data', type: 'text', value: 'FILE', sentence: 'CSV or Parquet file of payments.' },
  MAPPING_OPTION,
];

/** `--catalogue`. */
export const catalogueOption = (byDefault: string): Option => ({
  name: 'catalogue',
  type: 'text',
  value: 'NAME',
  choices: ['sentinel', 'handbook'],
  sentence: `The features: Sentinel’s own or the 15 of the Fraud Detection Handbook. (default: ${byDefault})`,
});

/** The catalogue asked for, else `byDefault`. */
export function catalogueOf(given: Given, byDefault: FeatureSettings['catalogue']): FeatureSettings['catalogue'] {
  const named = given.optionalText('catalogue');
  return named === 'sentinel' || named === 'handbook' ? named : byDefault;
}

/** The feature settings a mapping stands for, on a catalogue of choice. */
export function settingsOf(mapping: DatasetMapping, catalogue = mapping.features.catalogue): FeatureSettings {
  return {
    catalogue,
    labelDelayMs: mapping.labelDelayMs,
    utcOffsetMinutes: mapping.utcOffsetMinutes,
    merchantWindows: mapping.features.merchantWindows,
    ...(mapping.features.attributes && { attributes: mapping.features.attributes }),
  };
}

/** Rejects with DATA_UNREADABLE when a file is not there. */
export async function requireFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch((error: unknown) => {
      throw new SentinelError('DATA_UNREADABLE', { file, problem: 'there is no such file' }, error);
    });
    if (found.isDirectory()) {
      throw new SentinelError('DATA_UNREADABLE', { file, problem: 'is a directory, where a file is expected' });
    }
  }
}

/** Opens files that must be there, of payments that have a rate. */
export async function openData(
  mapping: DatasetMapping,
  files: readonly string[],
  rates: RateTable,
): Promise<OpenedTransactions> {
  await requireFiles(files);
  return createTransactionSource().open(mapping, files, rates);
}

export interface LoadedTable {
  readonly table: DatasetTable;
  readonly cleaning: CleaningReport;
  readonly data: Provenance['data'];
  /** Every file read. */
  readonly inputs: readonly RunInput[];
  /** Those the table was made with. */
  readonly settings: FeatureSettings;
}

async function inputOf(path: string): Promise<RunInput> {
  const { bytes, md5, sha256 } = await fingerprint(path);
  return { path, bytes, md5, sha256 };
}

export interface TableOptions {
  /** The built-in ones when absent. */
  readonly rates?: RateTable;
  /** Rows to keep; all are history. */
  readonly keep?: (arrival: Arrival) => boolean;
  /** Changes the settings before anything is replayed, having looked at the file. */
  readonly settle?: (opened: OpenedTransactions, settings: FeatureSettings) => Promise<FeatureSettings>;
}

/** The payments from the moment of `--from` on. USAGE when there are none. */
export function rowsFrom(table: DatasetTable, fromMs: number): DatasetTable {
  const from = firstRowFrom(table.timesMs, fromMs);
  if (from === table.rows) {
    const problem = `--from: no payment is of ${formatRfc3339(fromMs)} or later; the last is of ${formatRfc3339(table.timesMs.at(-1)!)}`;
    throw new SentinelError('USAGE', { problem });
  }
  return takeDatasetRows(
    table,
    Uint32Array.from({ length: table.rows - from }, (_, row) => from + row),
  );
}

/** Reads, cleans and replays files; progress and what was cleaned on stderr. DATA_UNREADABLE when a file is not there, or no row of it can be used. */
export async function loadTable(
  { progress, signal, say }: Pick<CommandInput, 'progress' | 'signal' | 'say'>,
  mapping: DatasetMapping,
  files: readonly string[],
  given: FeatureSettings,
  { rates = DEFAULT_RATES, keep, settle }: TableOptions = {},
): Promise<LoadedTable> {
  const opened = await openData(mapping, files, rates);
  try {
    const settings = settle === undefined ? given : await settle(opened, given);
    const bar = progress('features', opened.rows);
    const table = await buildTrainingTable(replayOrderOfBatches(opened.read(), mapping.labelDelayMs), {
      settings,
      rates,
      ...(keep ? { keep } : { expectedRows: opened.rows }),
      onRows: (rows) => {
        signal.throwIfAborted();
        bar.update(rows);
      },
    });
    bar.finish();
    const cleaning = opened.report();
    [...cleaningNotice(cleaning), ...unlabelledNotice(cleaning)].forEach(say);
    requireRows(cleaning, files);
    const inputs = await Promise.all(files.map(inputOf));
    const { sha256 } = inputs[0]!;
    const [fromMs, toMs] = [table.timesMs[0] ?? 0, table.timesMs.at(-1) ?? 0];
    const data = { mapping: mapping.name, path: files.join(' '), sha256, rows: table.rows, fromMs, toMs };
    return { table, cleaning, data, inputs, settings };
  } finally {
    opened.close();
  }
}
