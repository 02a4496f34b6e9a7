/** What looking a data set over finds: counts and shares only, so its size does not grow with rows. */
import { type ColumnType } from '../../datasets/mapping.ts';
import { totalVariation } from '../../stats/total-variation.ts';

/** Rows of a bin or value by their label; those without a label count as not fraud. */
export interface Counts {
  readonly frauds: number;
  readonly others: number;
}

export interface Histogram {
  /** One more than bins, rising; the outer bins also hold everything beyond. */
  readonly edges: readonly number[];
  /** Bins are equally wide in the logarithm. */
  readonly isLogarithmic: boolean;
  readonly bins: readonly Counts[];
}

export interface NumberSummary {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly deviation: number;
  readonly median: number;
  /** Absent when all values are equal. */
  readonly histogram?: Histogram;
}

export interface ExploredColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly missing: Counts;
  /** Different values, estimated. */
  readonly distinct: number;
  /** Numbers and times (epoch milliseconds). */
  readonly numbers?: NumberSummary;
  /** Texts and booleans that repeat: the most frequent ones, and all the rest under no name. */
  readonly values?: readonly (Counts & { readonly value?: string })[];
}

export interface ExplorationReport {
  readonly rows: number;
  readonly frauds: number;
  readonly unlabelled: number;
  readonly columns: readonly ExploredColumn[];
  /** Consecutive periods of equal length. */
  readonly time: { readonly fromMs: number; readonly stepMs: number; readonly periods: readonly Counts[] };
  /** Pearson correlations of numbers where both are present; NaN where undefined. `values[i][j]`. */
  readonly correlations: { readonly names: readonly string[]; readonly values: readonly (readonly number[])[] };
}

/** How differently frauds and others fall over the column's bins and being missing: total variation, 0 to 1. */
export function separation({ missing, numbers, values }: ExploredColumn): number {
  const bins: readonly Counts[] = [...(numbers?.histogram?.bins ?? values ?? []), missing];
  return totalVariation(
    bins.map(({ frauds }) => frauds),
    bins.map(({ others }) => others),
  );
}

/** Columns by falling separation; those without any come last, in their order. */
export function mostSeparating(columns: readonly ExploredColumn[]): readonly ExploredColumn[] {
  const known = new Map(columns.map((column) => [column, separation(column) || 0]));
  return columns.toSorted((a, b) => known.get(b)! - known.get(a)!);
}
