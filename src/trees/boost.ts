/** Gradient boosting: each tree takes a Newton step on the loss left by the trees before it. */
import { createRandom, type Random } from '../stats/random.ts';
import { type BinnedColumns, binColumns } from './bins.ts';
import { createGrower, type GrownTree } from './grow.ts';
import { layOut } from './histogram.ts';
import { createObjective, meanLogLoss } from './objective.ts';
import { type BoostingParameters } from './params.ts';
import { createSymmetricGrower, type GrownSymmetricTree } from './symmetric.ts';
import { leafOfColumns, type SymmetricTree, symmetricLeafOfColumns, type Tree, type TreeEnsemble } from './tree.ts';

export interface LabelledColumns {
  /** Column-major values, NaN missing. */
  readonly columns: readonly Float64Array[];
  /** 1 fraud, 0 genuine. */
  readonly labels: Uint8Array;
  /** Positive; all 1 when absent. */
  readonly weights?: Float64Array | undefined;
}

/** Rows under a learner: labels, weights with `positiveWeight` in, and the margins so far. */
interface Course {
  readonly columns: readonly Float64Array[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  readonly margins: Float64Array;
}

function startCourse(set: LabelledColumns, positiveWeight: number): Course {
  const { columns, labels } = set;
  const weights = Float64Array.from(labels, (label, row) => (set.weights?.[row] ?? 1) * (label ? positiveWeight : 1));
  return { columns, labels, weights, margins: new Float64Array(labels.length) };
}

/** One round, whatever the shape of its tree. */
interface Round {
  readonly tree?: Tree;
  readonly symmetric?: SymmetricTree;
  /** Adds the tree to the margins of the rows it was grown on. */
  applyToGrown(margins: Float64Array, order: Uint32Array): void;
}

/**
 * Fits an ensemble; with `patience` and a validation set it stops early and keeps the rounds of least validation loss.
 * The same input gives the same trees, bit for bit.
 */
export function boost(
  training: LabelledColumns,
  parameters: BoostingParameters,
  seed: number,
  validation?: LabelledColumns,
): TreeEnsemble {
  const random = createRandom(seed);
  const binned = binColumns(training.columns, parameters.maximumBins);
  const growRound = createRoundGrower(binned, parameters);
  const objective = createObjective(parameters.focalGamma);
  const course = startCourse(training, parameters.positiveWeight);
  const check = validation && parameters.patience > 0 ? startCourse(validation, parameters.positiveWeight) : undefined;
  const baseMargin = objective.baseMargin(course.labels, course.weights);
  course.margins.fill(baseMargin);
  check?.margins.fill(baseMargin);

  const pairs = new Float64Array(2 * binned.rows);
  const order = new Uint32Array(binned.rows);
  const rounds: Round[] = [];
  let [bestLoss, bestRounds] = [Infinity, 0];
  while (rounds.length < parameters.rounds) {
    objective.differentiate(course.margins, course.labels, course.weights, pairs);
    const count = drawRows(order, parameters.rowShare, random);
    const features = drawFeatures(training.columns.length, parameters.columnShare, random);
    const round = growRound(pairs, order, count, features);
    rounds.push(round);
    if (count === binned.rows) round.applyToGrown(course.margins, order);
    else applyToColumns(round, course);
    if (check === undefined) continue;
    applyToColumns(round, check);
    const loss = meanLogLoss(check.margins, check.labels, check.weights);
    if (loss < bestLoss) [bestLoss, bestRounds] = [loss, rounds.length];
    else if (rounds.length - bestRounds >= parameters.patience) break;
  }
  return ensembleOf(training.columns.length, baseMargin, check === undefined ? rounds : rounds.slice(0, bestRounds));
}

function ensembleOf(featureCount: number, baseMargin: number, rounds: readonly Round[]): TreeEnsemble {
  return {
    featureCount,
    baseMargin,
    trees: rounds.flatMap(({ tree }) => (tree === undefined ? [] : [tree])),
    symmetric: rounds.flatMap(({ symmetric }) => (symmetric === undefined ? [] : [symmetric])),
  };
}

type GrowRound = (pairs: Float64Array, order: Uint32Array, count: number, features: Int32Array) => Round;

function createRoundGrower(binned: BinnedColumns, parameters: BoostingParameters): GrowRound {
  const { learningRate, maximumDepth, maximumLeaves, growth } = parameters;
  const layout = layOut(binned);
  const rules = { ...parameters, monotone: monotoneOf(parameters.monotone, binned.cuts.length) };
  if (growth === 'symmetric') {
    const grower = createSymmetricGrower(binned, layout, rules, maximumDepth);
    return (pairs, order, count, features) => {
      const grown = grower.grow(pairs, order, count, features, learningRate);
      return { symmetric: grown.tree, applyToGrown: (margins, rows) => addLeaves(grown, margins, rows) };
    };
  }
  const grower = createGrower(binned, layout, rules, {
    maximumLeaves,
    maximumDepth,
    bestFirst: growth === 'leaf-wise',
  });
  return (pairs, order, count, features) => {
    const grown = grower.grow(pairs, order, count, features, learningRate);
    return { tree: grown.tree, applyToGrown: (margins, rows) => addLeaves(grown, margins, rows) };
  };
}

function monotoneOf(directions: BoostingParameters['monotone'], features: number): Int8Array | undefined {
  const constrained = Object.entries(directions);
  if (constrained.length === 0) return undefined;
  const monotone = new Int8Array(features);
  for (const [feature, direction] of constrained) {
    if (!(Number(feature) < features)) throw new RangeError(`invalid monotone: no feature ${feature}`);
    monotone[Number(feature)] = direction;
  }
  return monotone;
}

function addLeaves(grown: GrownTree | GrownSymmetricTree, margins: Float64Array, order: Uint32Array): void {
  const { value } = grown.tree;
  const isLeaf = 'left' in grown.tree ? (node: number) => (grown.tree as Tree).feature[node]! < 0 : () => true;
  for (let leaf = 0; leaf < value.length; leaf++) {
    if (!isLeaf(leaf)) continue;
    for (let index = grown.begin[leaf]!; index < grown.end[leaf]!; index++) {
      const row = order[index]!;
      margins[row] = margins[row]! + value[leaf]!;
    }
  }
}

function applyToColumns(round: Round, { columns, margins }: Course): void {
  const { tree, symmetric } = round;
  for (let row = 0; row < margins.length; row++) {
    const added =
      tree === undefined
        ? symmetric!.value[symmetricLeafOfColumns(symmetric!, columns, row)]!
        : tree.value[leafOfColumns(tree, columns, row)]!;
    margins[row] = margins[row]! + added;
  }
}

/** Fills the head of `order` with the rows of one round, ascending, and returns how many; never none. */
function drawRows(order: Uint32Array, share: number, random: Random): number {
  let count = 0;
  for (let row = 0; row < order.length; row++) {
    if (share === 1 || random.next() < share) order[count++] = row;
  }
  if (count === 0) order[count++] = random.integer(order.length);
  return count;
}

/** The features of one round, ascending; never none. */
function drawFeatures(features: number, share: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: features }, (_, feature) => feature);
  if (share === 1) return all;
  return random
    .shuffle(all)
    .slice(0, Math.max(1, Math.round(share * features)))
    .sort();
}
