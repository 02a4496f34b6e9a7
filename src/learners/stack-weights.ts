/** Fits a stack: logistic regression with non-negative weights on the members' out-of-fold margins. */
import { exp, log } from '../stats/elementary.ts';

export interface StackWeights {
  /** Not negative, one a member. */
  readonly weights: readonly number[];
  readonly intercept: number;
}

/** Penalty on squared weights of margins scaled to unit deviation: settles which of two equal members counts. */
const SQUARE_PENALTY = 1;
const MOST_STEPS = 100;
/** Largest projected gradient component per row at which the fit ends. */
const TOLERANCE = 1e-10;
/** Sweeps over the coordinates of one quadratic model; it is tiny and well conditioned by the penalty. */
const MOST_SWEEPS = 500;
/** Change of a weight in a sweep below which the quadratic model counts as minimised. */
const SETTLED = 1e-12;
const MOST_HALVINGS = 40;
/** A spread below this share of a member's margins is rounding: they are all equal. */
const ROUNDING = 1e-9;

/** `margins[member][row]`, each from models that did not see the row. Throws RangeError without both classes. */
export function fitStackWeights(margins: readonly Float64Array[], labels: Uint8Array): StackWeights {
  const members = margins.length;
  const rows = labels.length;
  const fraud = labels.reduce((sum, label) => sum + label, 0);
  if (fraud === 0 || fraud === rows) throw new RangeError('labels: need both fraud and genuine rows');
  const scaled = margins.map(standardise);
  const columns = scaled.map(({ values }) => values);
  let point = new Float64Array(members + 1);
  point[members] = log(fraud / (rows - fraud));
  let value = lossOf(columns, labels, point);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, curvature } = derivatives(columns, labels, point);
    const worst = gradient.reduce((most, slope, index) => {
      const blocked = index < members && point[index] === 0 && slope > 0;
      return blocked ? most : Math.max(most, Math.abs(slope));
    }, 0);
    if (worst <= TOLERANCE * rows) break;
    const target = boundedNewton(point, gradient, curvature);
    let moved = false;
    for (let halving = 0, length = 1; halving < MOST_HALVINGS && !moved; halving++, length /= 2) {
      const next = point.map((x, index) => x + length * (target[index]! - x));
      const reached = lossOf(columns, labels, next);
      if (reached < value) [point, value, moved] = [next, reached, true];
    }
    if (!moved) break;
  }
  const weights = scaled.map(({ deviation }, member) => point[member]! / deviation);
  const intercept = scaled.reduce((sum, { mean }, member) => sum - weights[member]! * mean, point[members]!);
  return { weights, intercept };
}

function standardise(column: Float64Array) {
  const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
  const variance = column.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / column.length;
  const spread = Math.sqrt(variance);
  if (spread <= ROUNDING * Math.abs(mean)) return { mean, deviation: 1, values: new Float64Array(column.length) };
  return { mean, deviation: spread, values: column.map((x) => (x - mean) / spread) };
}

function marginOf(columns: readonly Float64Array[], point: Float64Array, row: number): number {
  let margin = point[columns.length]!;
  for (let member = 0; member < columns.length; member++) margin += point[member]! * columns[member]![row]!;
  return margin;
}

function lossOf(columns: readonly Float64Array[], labels: Uint8Array, point: Float64Array): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const margin = marginOf(columns, point, row);
    loss += Math.max(0, labels[row] === 1 ? -margin : margin) + log(1 + exp(-Math.abs(margin)));
  }
  for (let member = 0; member < columns.length; member++) loss += (SQUARE_PENALTY / 2) * point[member]! ** 2;
  return loss;
}

/** Gradient [members + 1] and second derivatives [members + 1]² at a point. */
function derivatives(columns: readonly Float64Array[], labels: Uint8Array, point: Float64Array) {
  const members = columns.length;
  const size = members + 1;
  const gradient = new Float64Array(size);
  const curvature = new Float64Array(size * size);
  const inputs = new Float64Array(size).fill(1);
  for (let row = 0; row < labels.length; row++) {
    const decay = exp(-marginOf(columns, point, row));
    const probability = 1 / (1 + decay);
    const weight = probability * (1 - probability);
    for (let member = 0; member < members; member++) inputs[member] = columns[member]![row]!;
    for (let i = 0; i < size; i++) {
      gradient[i] = gradient[i]! + (probability - labels[row]!) * inputs[i]!;
      for (let j = 0; j <= i; j++) {
        curvature[i * size + j] = curvature[i * size + j]! + weight * inputs[i]! * inputs[j]!;
      }
    }
  }
  for (let i = 0; i < size; i++) {
    if (i < members) {
      gradient[i] = gradient[i]! + SQUARE_PENALTY * point[i]!;
      curvature[i * size + i] = curvature[i * size + i]! + SQUARE_PENALTY;
    }
    for (let j = 0; j < i; j++) curvature[j * size + i] = curvature[i * size + j]!;
  }
  return { gradient, curvature };
}

/** Minimises the quadratic model at `point` with weights kept from 0 on, one coordinate after the other. */
function boundedNewton(point: Float64Array, gradient: Float64Array, curvature: Float64Array): Float64Array {
  const size = point.length;
  const target = point.slice();
  const slope = gradient.slice();
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let largest = 0;
    for (let i = 0; i < size; i++) {
      const free = target[i]! - slope[i]! / curvature[i * size + i]!;
      const next = i < size - 1 ? Math.max(0, free) : free;
      const change = next - target[i]!;
      if (change === 0) continue;
      target[i] = next;
      largest = Math.max(largest, Math.abs(change));
      for (let j = 0; j < size; j++) slope[j] = slope[j]! + change * curvature[j * size + i]!;
    }
    if (largest < SETTLED) break;
  }
  return target;
}
