/** Do payments given probability p turn out fraudulent p of the time: reliability curve and calibration error. */
import { requireSameLength, weightOf } from './check.ts';
import { quantile } from '../stats/quantile.ts';

/** `width`: equal parts of [0, 1]; `mass`: equal numbers of rows. */
export type Binning = 'width' | 'mass';

/** One bin that holds rows. */
export interface ReliabilityPoint {
  /** Mean probability stated. */
  readonly stated: number;
  /** Share of frauds found. */
  readonly observed: number;
  /** Sum of row weights. */
  readonly weight: number;
}

/** Upper edges of all bins but the last; a probability belongs to the first bin whose edge is ≥ it. */
export function binEdges(probabilities: Float64Array, bins: number, binning: Binning): Float64Array {
  const edges = new Float64Array(bins - 1);
  const sorted = binning === 'mass' ? probabilities.toSorted() : undefined;
  for (let i = 1; i < bins; i++) edges[i - 1] = sorted === undefined ? i / bins : quantile(sorted, i / bins);
  return edges;
}

/** The reliability curve over given edges, empty bins left out, rising. Source: scikit-learn `calibration_curve`. */
export function reliabilityCurve(
  labels: Uint8Array,
  probabilities: Float64Array,
  edges: Float64Array,
  weights?: Float64Array,
): readonly ReliabilityPoint[] {
  requireSameLength('reliability curve', labels, probabilities);
  const weightSums = new Float64Array(edges.length + 1);
  const statedSums = new Float64Array(edges.length + 1);
  const fraudSums = new Float64Array(edges.length + 1);
  for (let row = 0; row < labels.length; row++) {
    const weight = weightOf(weights, row);
    const bin = edgesBelow(edges, probabilities[row]!);
    weightSums[bin]! += weight;
    statedSums[bin]! += weight * probabilities[row]!;
    fraudSums[bin]! += weight * labels[row]!;
  }
  const points: ReliabilityPoint[] = [];
  weightSums.forEach((weight, bin) => {
    if (weight > 0) points.push({ stated: statedSums[bin]! / weight, observed: fraudSums[bin]! / weight, weight });
  });
  return points;
}

/** The number of edges < value, by bisection. */
function edgesBelow(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Mean distance between stated and observed over the bins, weighted by rows. Source: M. Naeini et al., 2015. */
export function expectedCalibrationError(points: readonly ReliabilityPoint[]): number {
  let sum = 0;
  let total = 0;
  for (const { stated, observed, weight } of points) {
    sum += weight * Math.abs(stated - observed);
    total += weight;
  }
  return sum / total;
}
