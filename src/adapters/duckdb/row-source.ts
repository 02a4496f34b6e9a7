/** Rows made in JavaScript as a table that DuckDB reads while it writes a file: nothing is held twice. */
import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBTableFunction,
  type DuckDBType,
  VARCHAR,
} from '@duckdb/node-api';

/** Types of DuckDB by the name used here. */
export const TYPES = { number: DOUBLE, integer: BIGINT, text: VARCHAR } as const satisfies Record<string, DuckDBType>;

export interface SourceColumn {
  readonly name: string;
  readonly type: keyof typeof TYPES;
}

/** Rows a call may give. */
export const CHUNK_ROWS = 2_048;

/** Sets the chunk's row count (0 at the end), fills its vectors and flushes them. Runs on this thread. */
export type FillChunk = (chunk: DuckDBDataChunk) => void;

let registered = 0;

/** Makes the rows that `fill` gives known to SQL; returns the expression to select from, once. */
export function registerRows(connection: DuckDBConnection, columns: readonly SourceColumn[], fill: FillChunk): string {
  const name = `rows_${++registered}`;
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name,
      bindFunction: (info) => {
        for (const column of columns) info.addResultColumn(column.name, TYPES[column.type]);
      },
      initFunction: (info) => {
        info.setInitData({});
        info.setMaxThreads(1); // one reader keeps the order
      },
      mainFunction: (_, chunk) => fill(chunk),
    }),
  );
  return `${name}()`;
}
