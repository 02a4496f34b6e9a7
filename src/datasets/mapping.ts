/** What a mapping says about a data set: which column of its files is which part of a payment. */
import { type AttributeFeature } from '../domain/attribute-feature.ts';

/**
 * How a column is parsed, from CSV text or from a typed Parquet column. `timestamp`: date and time with `T` or a blank
 * between, offset optional (UTC without one). `boolean`: true, false, 1 or 0.
 */
export type ColumnType = 'text' | 'number' | 'timestamp' | 'boolean';

/**
 * What is done to a text on reading, before anything else sees it. `unquoted`: single quotes around it are taken off.
 * `opaque`: a name or number of a person becomes that word, `_` and 16 hex digits of its MD5: equal stays equal, and
 * neither prepared files nor profiles hold the original. Not secret to whoever can guess originals. `without`: this
 * beginning is taken off.
 */
export type TextTreatment = 'unquoted' | { readonly opaque: string } | { readonly without: string };

export interface MappedColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The file may lack the whole column. */
  readonly optional?: true;
  /** Texts only. */
  readonly treatment?: TextTreatment;
}

/** One cell of an id made of several. */
export interface KeyPart {
  readonly column: string;
  /** The cell counts days: what enters is the number of the day on which it was 0, the payment's day − the cell. */
  readonly countsDays?: true;
}

/** A text for each row. */
export type TextSource =
  | { readonly column: string }
  /** The same for every row. */
  | { readonly constant: string }
  /** Cells joined by `_`, missing ones empty; missing when all are. */
  | { readonly parts: readonly KeyPart[] }
  /** For rows without an id: this word, `_` and 24 hex digits of an MD5 over all mapped columns, so that repeats show. */
  | { readonly fingerprint: string };

/** Fields of a transaction that are texts and may be absent. */
export const OPTIONAL_TEXT_FIELDS = [
  'cardId',
  'deviceId',
  'deviceType',
  'ipAddress',
  'locationCountry',
  'locationCity',
  'cardType',
  'cardLastFour',
  'emailDomain',
] as const;
export type OptionalTextField = (typeof OPTIONAL_TEXT_FIELDS)[number];

/** A second file that tells more of some payments. */
export interface Completion {
  /** A column of both; at most one row of the second file has each value. */
  readonly key: string;
  /** Optional columns that stand in the second file or, once merged, in the one. */
  readonly columns: readonly string[];
}

/** A timestamp column, or a number of units since an origin. */
export type TimeSource =
  { readonly column: string } | { readonly column: string; readonly unitMs: number; readonly originMs: number };

export interface AmountSource {
  /** Major units. */
  readonly column: string;
  readonly currency: TextSource;
  /** `exact`: more decimals than the currency has are an error; `nearest`: they are rounded and counted. */
  readonly decimals: 'exact' | 'nearest';
  /** What becomes of payments of nothing (cards verified, for instance); negative amounts are always dropped. */
  readonly zero: 'keep' | 'drop';
}

export interface LabelSourceColumns {
  /** 1 or true: fraud; 0 or false: genuine; empty: unknown. */
  readonly column: string;
  /** When the label came to light; without it, event time + labelDelayMs. */
  readonly arrivalColumn?: string;
  /** Names the campaign of a fraud; `names` renames values. */
  readonly campaign?: { readonly column: string; readonly names?: Readonly<Record<string, string>> };
}

export interface FieldSources {
  readonly transactionId: TextSource;
  readonly userId: TextSource;
  readonly merchantId: TextSource;
  readonly merchantCategory: TextSource;
  readonly transactionType: TextSource;
  readonly time: TimeSource;
  readonly amount: AmountSource;
  readonly optional: Readonly<Partial<Record<OptionalTextField, TextSource>>>;
  /** Columns of degrees north and east. */
  readonly location?: { readonly latitude: string; readonly longitude: string };
  /** Columns kept under their own name as attributes: text, number or boolean by their type. */
  readonly attributes: readonly string[];
  /** A column holding further attributes as one JSON object. */
  readonly attributesJson?: string;
  readonly label?: LabelSourceColumns;
}

/** A data set as a value: all that is needed to read its files. */
export interface DatasetMapping {
  readonly name: string;
  readonly summary: string;
  /** Where the files come from, for people. */
  readonly origin: string;
  /** Rows of the complete data set; absent when it has no fixed size. */
  readonly expectedRows?: number;
  /** The columns read; others in the file are ignored. */
  readonly columns: readonly MappedColumn[];
  readonly completion?: Completion;
  readonly fields: FieldSources;
  /** What a time in the files means and how far it can be trusted, for people. */
  readonly timeReference: string;
  /** D: a payment without a fraud label this long after it happened counts as genuine. */
  readonly labelDelayMs: number;
  /** Zone in which hours, days, weekend and night are meant: minutes ahead of UTC, all year. */
  readonly utcOffsetMinutes: number;
  readonly features: {
    readonly catalogue: 'sentinel' | 'handbook';
    readonly merchantWindows: 'tiles' | 'exact';
    /** Attributes that a model may be given; the others are kept and shown only. */
    readonly attributes?: readonly AttributeFeature[];
  };
}

/** The columns without which the mapping cannot be read. */
export function requiredColumns(mapping: DatasetMapping): readonly string[] {
  return mapping.columns.filter(({ optional }) => optional !== true).map(({ name }) => name);
}
