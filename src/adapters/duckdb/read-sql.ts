/** Files as SQL to select from: those that are named and no others, with nothing taken from the names of their folders. */
import { resolve } from 'node:path';
import { literal } from './engine.ts';

/** DuckDB reads `[`, `*` and `?` in a path as a pattern and `~` as the home directory. */
export function fileToRead(path: string): string {
  return literal(resolve(path).replace(/[[*?]/g, '[$&]'));
}

export function readCsv(path: string, options: string): string {
  return `read_csv(${fileToRead(path)}, auto_detect = false, hive_partitioning = false, ${options})`;
}

export function readParquet(paths: readonly string[], options: readonly string[] = []): string {
  const files = `[${paths.map(fileToRead).join(', ')}]`;
  return `read_parquet(${[files, 'hive_partitioning = false', ...options].join(', ')})`;
}
