/** How a column in memory becomes a column of a Parquet file. */
import { type DuckDBDataChunk } from '@duckdb/node-api';
import { type NamedColumn } from '../../ports/offline-store.ts';
import { identifier, literal } from './engine.ts';
import { type SourceColumn } from './row-source.ts';
import { items } from './vectors.ts';

/** The type a column is handed to DuckDB in. */
export function sourceType({ values }: NamedColumn): SourceColumn['type'] {
  if (values instanceof BigInt64Array) return 'integer';
  return values instanceof Float64Array || values instanceof Uint8Array ? 'number' : 'text';
}

/** The SQL of a column as it is stored: NaN becomes NULL, small integers are stored as such. */
export function storedAs(column: NamedColumn): string {
  const name = identifier(column.name);
  if (column.values instanceof Float64Array) return `NULLIF(${name}, 'nan'::DOUBLE) AS ${name}`;
  return column.values instanceof Uint8Array ? `CAST(${name} AS UTINYINT) AS ${name}` : name;
}

/** Copies rows [from, to) of a column into a chunk. */
export function fillColumn(
  chunk: DuckDBDataChunk,
  index: number,
  { values }: NamedColumn,
  from: number,
  to: number,
): void {
  const vector = chunk.getColumnVector(index);
  if (values instanceof Float64Array || values instanceof Uint8Array) {
    items<Float64Array>(vector).set(values.subarray(from, to));
  } else if (values instanceof BigInt64Array) items<BigInt64Array>(vector).set(values.subarray(from, to));
  else for (let row = from; row < to; row++) vector.setItem(row - from, values[row]!);
  vector.flush();
}

/** The option of COPY that stores key-value metadata; nothing when there is none. */
export function keyValues(metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${identifier(key)}: ${literal(value)}`);
  return pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`;
}
