/** The one protocol of every model: fit columns, then margin and contributions of a row. */

/** `numeric` values are used as they stand; `category` values name something (a hash, a code) and have no order. */
export type ColumnKind = 'numeric' | 'category';

/** A column-major matrix, `values[column][row]`; NaN is missing. */
export interface Columns {
  readonly names: readonly string[];
  readonly rows: number;
  readonly values: readonly Float64Array[];
  /** One a column; all numeric when absent. */
  readonly kinds?: readonly ColumnKind[];
}

export interface TrainingSet extends Columns {
  /** 1 fraud, 0 genuine; length `rows`. */
  readonly labels: Uint8Array;
  /** Positive row weights; all 1 when absent. */
  readonly weights?: Float64Array;
  /** When each payment happened, milliseconds; target statistics need it. */
  readonly timesMs?: Float64Array;
  /** When each label was known, milliseconds; target statistics need it. */
  readonly labelsKnownMs?: Float64Array;
}

/** A model as plain JSON, its numbers exact (shortest round-trip decimals or base64 of little-endian arrays). */
export interface ModelDocument {
  readonly kind: string;
  readonly featureCount: number;
  readonly [key: string]: unknown;
}

/** A fitted model. Margins are additive log-odds-like scores; probability is its owner's concern. */
export interface Model {
  readonly kind: string;
  readonly featureCount: number;
  /** It only scores: `addContributions` throws and `importance` is zero. */
  readonly isUnexplained?: true;
  /** The raw score of one row of `featureCount` values starting at `offset`. */
  margin(row: Float64Array, offset?: number): number;
  /**
   * Adds `weight` × the exact Shapley value of each feature to `out` [featureCount] and returns `weight` × the
   * expected margin, so that returned + Σ added = weight × margin within 1e-9.
   */
  addContributions(row: Float64Array, out: Float64Array, weight: number): number;
  /** Total gain (trees) or |standardised weight| (linear) of each feature, [featureCount]. */
  importance(): Float64Array;
  toDocument(): ModelDocument;
}

/** A way to make a model from labelled columns; same set, options and seed give the same bytes. */
export interface Learner {
  readonly name: string;
  /** `validation` is used for early stopping only, by learners that stop early. */
  fit(training: TrainingSet, options: { readonly seed: number; readonly validation?: TrainingSet }): Model;
}
