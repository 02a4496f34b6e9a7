/** Isolation forests: what few random cuts set apart from a small sample is unusual; no labels are needed. */
import { log } from '../stats/elementary.ts';
import { createRandom, type Random } from '../stats/random.ts';
import { type IsolationParameters } from './params.ts';
import { type Tree, type TreeEnsemble } from './tree.ts';

/** Source: Euler (1734); the constant γ to double precision. */
const EULER_GAMMA = 0.5772156649015329;

/**
 * Mean depth of a row in a tree that parts `rows` rows one from the other at random.
 * Source: Liu, Ting & Zhou, Isolation Forest, 2008, equation 1, with H(i) ≈ ln i + γ.
 */
export function averagePathLength(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (log(rows - 1) + EULER_GAMMA) - (2 * (rows - 1)) / rows;
}

/**
 * Share of the margin that a leaf of `rows` sampled rows adds. The margin is log2 of the anomaly score 2^(−E h / c(ψ)) of
 * the source's equation 2: h is the depth of the leaf and the mean depth its rows would still reach, c(ψ) that of a sample.
 */
export function isolationLeafValue(depth: number, rows: number, sampledRows: number, trees: number): number {
  return -(depth + averagePathLength(rows)) / (averagePathLength(sampledRows) * trees);
}

/**
 * Fits a forest on columns [features][rows], NaN missing. Each tree draws its rows and cuts from a source of its own, so
 * the same input gives the same trees in whatever order they are grown. Throws RangeError for fewer than two rows.
 */
export function growIsolationForest(
  columns: readonly Float64Array[],
  parameters: IsolationParameters,
  seed: number,
): TreeEnsemble {
  const rows = columns[0]?.length ?? 0;
  if (rows < 2) throw new RangeError('training set: an isolation forest needs at least two rows');
  const random = createRandom(seed);
  const trees = Array.from({ length: parameters.trees }, (_, tree) => growTree(columns, parameters, random.fork(tree)));
  return { featureCount: columns.length, baseMargin: 0, trees, symmetric: [] };
}

/** `count` different rows of all. Source: Floyd's algorithm, in Bentley, Programming Pearls, 1987. */
function drawRows(rows: number, count: number, random: Random): number[] {
  const drawn = new Set<number>();
  for (let last = rows - count; last < rows; last++) {
    const row = random.integer(last + 1);
    drawn.add(drawn.has(row) ? last : row);
  }
  return [...drawn];
}

interface Cut {
  readonly feature: number;
  /** Values below go left; above all of them where only missing values part from the others. */
  readonly threshold: number;
  readonly missingLeft: boolean;
}

/** A uniform cut of a random feature that has more than one value in the rows, missing being one; undefined if none has. */
function drawCut(columns: readonly Float64Array[], rows: readonly number[], random: Random): Cut | undefined {
  const untried = Int32Array.from(columns.keys());
  for (let tried = 0; tried < untried.length; tried++) {
    const place = tried + random.integer(untried.length - tried);
    const feature = untried[place]!;
    untried[place] = untried[tried]!;
    const { least, most, missing } = rangeOf(columns[feature]!, rows);
    if (least < most) {
      const threshold = least + (1 - random.next()) * (most - least);
      // Where rounding or an infinite end leaves no room, the largest value is set apart.
      return { feature, threshold: threshold > least ? threshold : most, missingLeft: random.next() < 0.5 };
    }
    if (missing > 0 && missing < rows.length) return { feature, threshold: Infinity, missingLeft: false };
  }
  return undefined;
}

function rangeOf(column: Float64Array, rows: readonly number[]) {
  let [least, most, missing] = [Infinity, -Infinity, 0];
  for (const row of rows) {
    const x = column[row]!;
    if (x !== x) missing++;
    least = x < least ? x : least;
    most = x > most ? x : most;
  }
  return { least, most, missing };
}

interface Node {
  readonly rows: readonly number[];
  readonly depth: number;
  readonly cut: Cut | undefined;
  left: number;
}

function growTree(columns: readonly Float64Array[], { trees, sampleRows }: IsolationParameters, random: Random): Tree {
  const sampled = Math.min(sampleRows, columns[0]!.length);
  const deepest = 32 - Math.clz32(sampled - 1); // ⌈log2⌉, the mean depth of a search tree
  const nodes: Node[] = [];
  const add = (rows: readonly number[], depth: number): void => {
    const cut = rows.length > 1 && depth < deepest ? drawCut(columns, rows, random) : undefined;
    nodes.push({ rows, depth, cut, left: 0 });
  };
  add(drawRows(columns[0]!.length, sampled, random), 0);
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index]!;
    if (node.cut === undefined) continue;
    const sides = part(columns[node.cut.feature]!, node.rows, node.cut);
    node.left = nodes.length;
    for (const rows of sides) add(rows, node.depth + 1);
  }
  const cover = Float64Array.from(nodes, ({ rows }) => rows.length);
  const value = Float64Array.from(nodes, ({ cut, depth, rows }) =>
    cut === undefined ? isolationLeafValue(depth, rows.length, sampled, trees) : 0,
  );
  const left = Int32Array.from(nodes, (node) => node.left);
  return {
    feature: Int32Array.from(nodes, ({ cut }) => cut?.feature ?? -1),
    threshold: Float64Array.from(nodes, ({ cut }) => cut?.threshold ?? 0),
    missingLeft: Uint8Array.from(nodes, ({ cut }) => (cut?.missingLeft === true ? 1 : 0)),
    left,
    value,
    cover,
    gain: spreadExplained(left, value, cover),
  };
}

function part(
  column: Float64Array,
  rows: readonly number[],
  { threshold, missingLeft }: Cut,
): readonly (readonly number[])[] {
  const isLeft = (row: number): boolean => {
    const x = column[row]!;
    return x !== x ? missingLeft : x < threshold;
  };
  return [rows.filter(isLeft), rows.filter((row) => !isLeft(row))];
}

/** By split: how much of the spread of the leaves' values lies between its two sides, Σ rows × (mean − mean)². */
function spreadExplained(left: Int32Array, value: Float64Array, cover: Float64Array): Float64Array {
  const mean = value.slice();
  const gain = new Float64Array(value.length);
  for (let node = left.length - 1; node >= 0; node--) {
    const child = left[node]!;
    if (child === 0) continue;
    const sides = [child, child + 1];
    mean[node] = sides.reduce((sum, side) => sum + cover[side]! * mean[side]!, 0) / cover[node]!;
    gain[node] = sides.reduce((sum, side) => sum + cover[side]! * (mean[side]! - mean[node]!) ** 2, 0);
  }
  return gain;
}
