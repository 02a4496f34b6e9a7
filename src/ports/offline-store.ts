/** Columns on disk: feature histories and anything else that is a table of numbers. */

/** Equally long columns. A Float64Array’s NaN is stored as NULL; BigInt64Array as 64-bit integers. */
export interface NamedColumn {
  readonly name: string;
  readonly values: Float64Array | BigInt64Array | Uint8Array | readonly string[];
}

/** Features of payments in order of time. */
export interface FeatureTable {
  /** Hash of the feature catalogue: the schema version. */
  readonly catalogueHash: string;
  readonly transactionIds: readonly string[];
  /** Epoch milliseconds, never falling. */
  readonly eventTimesMs: Float64Array;
  /** One a feature, in catalogue order. */
  readonly features: readonly NamedColumn[];
}

export interface OfflineStore {
  /**
   * Writes one Parquet file with these columns and key-value `metadata`, whole or not at all; an existing file is
   * replaced. Needs little memory beyond the columns. Returns its size in bytes.
   */
  writeColumns(
    path: string,
    columns: readonly NamedColumn[],
    metadata?: Readonly<Record<string, string>>,
  ): Promise<number>;
  /**
   * The same from batches of rows, all with the same columns in the same order, in memory that does not grow with
   * rows. Text columns named in `integers` are stored as 64-bit integers when every value is written like one.
   * Returns the number of rows.
   */
  writeBatches(
    path: string,
    batches: AsyncIterable<readonly NamedColumn[]>,
    options?: { readonly metadata?: Readonly<Record<string, string>>; readonly integers?: readonly string[] },
  ): Promise<number>;
  /** Columns of a Parquet file in file order: numbers as Float64Array, texts as strings ('' for NULL). */
  readColumns(path: string, names?: readonly string[]): Promise<readonly NamedColumn[]>;
  /** Replaces the days that the table touches, each whole, under `<root>/<catalogueHash>/day=YYYY-MM-DD/`. */
  writeFeatures(root: string, table: FeatureTable): Promise<void>;
  /** The features of fromMs ≤ event time < toMs in order of time; no rows when nothing is there. */
  readFeatures(
    root: string,
    catalogueHash: string,
    range: { readonly fromMs: number; readonly toMs: number },
    names: readonly string[],
  ): Promise<FeatureTable>;
}
