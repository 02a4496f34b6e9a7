/** Bulk access to DuckDB's column vectors. */
import { type DuckDBDataChunk, type DuckDBVector } from '@duckdb/node-api';

/**
 * The memory behind a numeric vector. The library types it private; reading it in bulk is ten times faster than its
 * public accessors, and a test fails should an upgrade take it away.
 */
export function items<T extends Float64Array | BigInt64Array>(vector: DuckDBVector): T {
  return (vector as unknown as { readonly items: T }).items;
}

/** A copy of a DOUBLE column that holds no NULL. */
export function numbersOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  return items<Float64Array>(chunk.getColumnVector(column)).slice();
}

/** A VARCHAR column that holds no NULL. */
export function textsOf(chunk: DuckDBDataChunk, column: number): string[] {
  const vector = chunk.getColumnVector(column);
  const texts: string[] = [];
  for (let row = 0; row < chunk.rowCount; row++) texts.push(vector.getItem(row) as string); // VARCHAR without NULL
  return texts;
}
