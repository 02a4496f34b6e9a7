/** What explains an ensemble's margins, and how training weight is taken to divide at a node. */

export interface Explainer {
  /** Mean margin over the training weight, from the covers. */
  readonly expectedMargin: number;
  /** Adds `weight` × the Shapley value of each feature to `out` [featureCount]. */
  add(row: Float64Array, offset: number, out: Float64Array, weight: number): void;
}

/** Share of the parent's cover that a child keeps; an unreached parent is taken to divide evenly. */
export function coverShare(child: number, parent: number): number {
  return parent > 0 ? child / parent : 0.5;
}
