/** Files of a data set → one cleaned, sorted Parquet file with a manifest, in a directory named by its content. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection } from '@duckdb/node-api';
import { createCleaner } from '../../datasets/cleaning.ts';
import { type DatasetMapping } from '../../datasets/mapping.ts';
import { requireRows } from '../../datasets/require-rows.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type DatasetManifest, type FileFingerprint, type PreparedDataset } from '../../ports/transaction-source.ts';
import { identifier, literal, openEngine } from './engine.ts';
import { cleanedBatches } from './staged-reader.ts';
import { type Staged, stageFiles } from './staging.ts';
import { fingerprint, writeWholeDirectory } from './whole-file.ts';

/** Raise it when the same sources would give other files. */
const FORMAT = 1;
const HASH_DIGITS = 16;
const DATA_FILE = 'transactions.parquet';
const MANIFEST_FILE = 'manifest.json';
/** What a system says when a directory cannot take the place of another. */
const IN_THE_WAY: readonly (string | undefined)[] = ['ENOTEMPTY', 'EEXIST'];

/** Files that complete one another tell their parts by their columns; others keep the order of equal times. */
function contentHash(mapping: DatasetMapping, sources: readonly FileFingerprint[]): string {
  const named = sources.map(({ sha256 }) => sha256);
  const content = JSON.stringify([FORMAT, mapping, mapping.completion === undefined ? named : named.toSorted()]);
  return createHash('sha256').update(content).digest('hex').slice(0, HASH_DIGITS);
}

async function readManifest(directory: string): Promise<DatasetManifest | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, MANIFEST_FILE), 'utf8')) as DatasetManifest; // written by this file only
  } catch {
    return undefined;
  }
}

/** The manifest of what lies in `directory`, when all of it is there as it was written: its sources take longer to hash. */
async function findWhole(directory: string): Promise<DatasetManifest | undefined> {
  const manifest = await readManifest(directory);
  for (const { name, sha256 } of manifest?.files ?? []) {
    const found = await fingerprint(join(directory, name)).catch(() => undefined);
    if (found?.sha256 !== sha256) return undefined;
  }
  return manifest;
}

/** Cells of a row group: what each thread gathers before it writes, 32 MB of numbers. */
const GROUP_CELLS = 2 ** 22;
/** A row group of DuckDB's own choosing; wide tables get smaller ones. */
const MOST_GROUP_ROWS = 122_880;

/** The kept rows in order of time. */
async function writeRows(staged: Staged, dropped: readonly number[], path: string): Promise<void> {
  const { connection, table } = staged;
  const columns = staged.columns.map(({ name }) => identifier(name)).join(', ');
  let rows = table;
  if (dropped.length > 0) {
    await connection.run('CREATE TABLE dropped (row DOUBLE)');
    await appendNumbers(connection, 'dropped', dropped);
    rows = `${table} WHERE ${staged.rowNumber}::DOUBLE NOT IN (SELECT row FROM dropped)`;
  }
  const groupRows = Math.min(MOST_GROUP_ROWS, Math.max(2_048, Math.floor(GROUP_CELLS / staged.columns.length)));
  // Several threads keep finished row groups until it is their turn: of a wide table, more than there is memory for.
  await connection.run('SET threads = 1');
  await connection.run(
    `COPY (SELECT ${columns} FROM ${rows}) TO ${literal(path)}
     (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows})`,
  );
}

async function appendNumbers(connection: DuckDBConnection, table: string, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 0) return;
  const appender = await connection.createAppender(table);
  for (const number of numbers) {
    appender.appendDouble(number);
    appender.endRow();
  }
  appender.closeSync();
}

/** Writes data and manifest into `directory`. */
async function prepareInto(
  directory: string,
  mapping: DatasetMapping,
  files: readonly string[],
  known: Pick<DatasetManifest, 'name' | 'hash' | 'sources'>,
  onRows: (rows: number) => void,
): Promise<DatasetManifest> {
  const engine = await openEngine();
  try {
    const staged = await stageFiles(engine.connection, mapping, files);
    const cleaner = createCleaner(mapping, staged);
    let firstEventMs = NaN;
    let lastEventMs = NaN;
    let cleaned = 0;
    for await (const batch of cleanedBatches(staged, cleaner)) {
      if (Number.isNaN(firstEventMs)) firstEventMs = batch[0]?.transaction.eventTimeMs ?? NaN;
      lastEventMs = batch.at(-1)?.transaction.eventTimeMs ?? lastEventMs;
      onRows((cleaned += batch.length));
    }
    const cleaning = cleaner.report();
    requireRows(cleaning, files);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, DATA_FILE);
    await writeRows(staged, cleaner.droppedRows(), path);
    const file = { ...(await fingerprint(path)), rows: cleaning.rowsKept };
    const manifest: DatasetManifest = { ...known, files: [file], firstEventMs, lastEventMs, cleaning };
    await writeFile(join(directory, MANIFEST_FILE), JSON.stringify(manifest, undefined, 2) + '\n');
    return manifest;
  } finally {
    engine.close();
  }
}

/** See the port; an equal preparation that is there whole is returned as it is. */
export async function prepareDataset(
  mapping: DatasetMapping,
  files: readonly string[],
  dataDir: string,
  { onRows = () => undefined }: { readonly onRows?: (rows: number) => void } = {},
): Promise<PreparedDataset> {
  const sources: FileFingerprint[] = [];
  for (const path of files) {
    sources.push(
      await fingerprint(path).catch((cause: unknown) => {
        throw new SentinelError('DATA_UNREADABLE', { file: path, problem: 'it cannot be opened' }, cause);
      }),
    );
  }
  const hash = contentHash(mapping, sources);
  const directory = join(dataDir, mapping.name, hash);
  const before = await findWhole(directory);
  if (before !== undefined) return { directory, manifest: before, alreadyThere: true };
  let manifest: DatasetManifest | undefined;
  try {
    await writeWholeDirectory(directory, async (temporary) => {
      for (const name of [MANIFEST_FILE, DATA_FILE]) await rm(join(directory, name), { force: true });
      manifest = await prepareInto(temporary, mapping, files, { name: mapping.name, hash, sources }, onRows);
    });
  } catch (cause) {
    if (!IN_THE_WAY.includes((cause as NodeJS.ErrnoException).code)) throw cause;
    const meanwhile = await findWhole(directory); // made by another process at the same time
    if (meanwhile !== undefined) return { directory, manifest: meanwhile, alreadyThere: true };
    const problem = 'other files are in the way: move them';
    throw new SentinelError('DATA_UNREADABLE', { file: directory, problem }, cause);
  }
  return { directory, manifest: manifest!, alreadyThere: false };
}
