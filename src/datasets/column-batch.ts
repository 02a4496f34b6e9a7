/** Rows of a file as they leave the reader: one array a mapped column, already parsed by type. */

/** `text` columns hold strings, undefined for an empty cell. */
export type TextValues = readonly (string | undefined)[];
/** All other types hold numbers, NaN for an empty cell: booleans 0 or 1, timestamps epoch milliseconds. */
export type NumberValues = Float64Array;

/** Where a row stands in the files as given. */
export interface RowPlace {
  readonly file: string;
  /** CSV: the header is line 1 and each record counts as one line; Parquet: rows from 1. */
  readonly line: number;
}

export interface ColumnBatch {
  readonly rows: number;
  /** Values by column name; a column that the file lacks is absent. */
  readonly columns: ReadonlyMap<string, TextValues | NumberValues>;
  /** The row's number in reading order of the files, from 0: names it towards the reader. */
  readonly rowNumber: (row: number) => number;
  readonly place: (row: number) => RowPlace;
}
