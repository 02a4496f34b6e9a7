/** Labelled payments from files of a known shape. */
import { type CleaningReport } from '../datasets/cleaning.ts';
import { type DatasetMapping } from '../datasets/mapping.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type RateTable } from '../domain/money.ts';

export interface OpenedTransactions {
  /** Rows in the files, before cleaning. */
  readonly rows: number;
  /**
   * The cleaned payments in order of time, equal times in file order; batches of a few thousand. Rejects with
   * DATA_INVALID at the first row that does not parse. May be read once.
   */
  read(): AsyncIterable<readonly LabelledTransaction[]>;
  /** Event times of the rows before cleaning, epoch milliseconds, never falling; rows without one are left out. */
  times(): Promise<Float64Array>;
  /**
   * At most `most` payments before `beforeMs`, evenly spread over the rows there in order of time; rows to be dropped
   * are left out. Needs not be the same as what `read` gives of a repeated id, and counts nowhere.
   */
  sample(most: number, beforeMs: number): AsyncIterable<readonly LabelledTransaction[]>;
  /** What was dropped and repaired; complete when `read` has ended. */
  report(): CleaningReport;
  /** Releases what is held; safe to call twice. */
  close(): void;
}

/** A file of a prepared data set. */
export interface FileFingerprint {
  readonly name: string;
  readonly bytes: number;
  /** Hex digits. */
  readonly md5: string;
  readonly sha256: string;
}

/** What is known of a prepared data set; written beside it as manifest.json. */
export interface DatasetManifest {
  readonly name: string;
  /** First 64 bits of a SHA-256 over mapping name, source fingerprints and format: 16 hex digits. */
  readonly hash: string;
  readonly sources: readonly FileFingerprint[];
  readonly files: readonly (FileFingerprint & { readonly rows: number })[];
  readonly firstEventMs: number;
  readonly lastEventMs: number;
  readonly cleaning: CleaningReport;
}

export interface PreparedDataset {
  readonly directory: string;
  readonly manifest: DatasetManifest;
  /** It had been prepared before from the same files. */
  readonly alreadyThere: boolean;
}

/** Files are CSV or Parquet, gzip allowed; several are read one after the other. Memory does not grow with rows. */
export interface TransactionSource {
  /**
   * Rejects with DATA_UNREADABLE when a file cannot be read or lacks a column, DATA_INVALID when a cell does not parse.
   * With `rates`, reading rejects with DATA_INVALID at a payment in a currency that has none.
   */
  open(mapping: DatasetMapping, files: readonly string[], rates?: RateTable): Promise<OpenedTransactions>;
  /**
   * Checks, cleans, sorts and writes Parquet under `<dataDir>/<name>/<hash>/`: all of it or nothing. `onRows` hears
   * the rows cleaned so far; what it throws ends the work.
   */
  prepare(
    mapping: DatasetMapping,
    files: readonly string[],
    dataDir: string,
    options?: { readonly onRows?: (rows: number) => void },
  ): Promise<PreparedDataset>;
}
