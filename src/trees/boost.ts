/** Gradient boosting: each tree takes a Newton step on the loss left by the trees before it. */
import { createRandom, type Random } from '../stats/random.ts';
import { codeTable } from './code-table.ts';
import { baseMargin, meanLogLoss } from './objective.ts';
import { type BoostingParameters } from './params.ts';
import { boostingMemory, createRounds, type GrownTree } from './rounds.ts';
import { openTeam, type Team, usefulThreads } from './team.ts';
import { leafOfColumns, symmetricLeafOfColumns, type TreeEnsemble } from './tree.ts';

export interface LabelledColumns {
  /** Column-major values, NaN missing. */
  readonly columns: readonly Float64Array[];
  /** 1 fraud, 0 genuine. */
  readonly labels: Uint8Array;
  /** Positive; all 1 when absent. */
  readonly weights?: Float64Array | undefined;
}

/** Rows that no tree is grown on: their margins tell when to stop. */
interface Check {
  readonly columns: readonly Float64Array[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  readonly margins: Float64Array;
}

/** Row weights with `positiveWeight` in. */
function weightsOf({ labels, weights }: LabelledColumns, positiveWeight: number): Float64Array {
  return Float64Array.from(labels, (label, row) => (weights?.[row] ?? 1) * (label ? positiveWeight : 1));
}

/**
 * Below this many cells of the table times rounds other threads cannot save more than their start takes; a small fit
 * stays on one.
 */
const THREADS_FROM_CELLS = 50_000_000;

/**
 * Fits an ensemble; with `patience` and a validation set it stops early and keeps the rounds of least validation loss.
 * The same input gives the same trees, bit for bit, on any number of `threads`; by default all there are, where they
 * pay.
 */
export function boost(
  training: LabelledColumns,
  parameters: BoostingParameters,
  seed: number,
  validation?: LabelledColumns,
  threads?: number,
): TreeEnsemble {
  const [rows, features] = [training.labels.length, training.columns.length];
  const pays = rows * features * parameters.rounds >= THREADS_FROM_CELLS;
  const team = openBoostingTeam(rows, features, parameters, threads ?? (pays ? usefulThreads() : 1));
  try {
    return boostOn(team, training, parameters, seed, validation);
  } finally {
    team.close();
  }
}

/** A team with the memory for one `boostOn` of this size. */
export function openBoostingTeam(
  rows: number,
  features: number,
  parameters: BoostingParameters,
  threads: number,
): Team {
  return openTeam(threads, boostingMemory(rows, features, threads, parameters));
}

/** The same on a team that is open already. */
export function boostOn(
  team: Team,
  training: LabelledColumns,
  parameters: BoostingParameters,
  seed: number,
  validation?: LabelledColumns,
): TreeEnsemble {
  const random = createRandom(seed);
  const weights = weightsOf(training, parameters.positiveWeight);
  const base = baseMargin(training.labels, weights);
  const table = codeTable(team, training.columns, parameters.maximumBins);
  const rounds = createRounds(team, table, training.labels, weights, parameters);
  rounds.margins().fill(base);
  const check =
    parameters.patience > 0 ? validation && startCheck(validation, parameters.positiveWeight, base) : undefined;
  const order = rounds.order();
  const trees: GrownTree[] = [];
  let [bestLoss, bestRounds] = [Infinity, 0];
  while (trees.length < parameters.rounds) {
    rounds.differentiate();
    const count = drawRows(order, parameters.rowShare, random);
    const grown = rounds.grow(count, drawFeatures(training.columns.length, parameters.columnShare, random));
    trees.push(grown);
    if (check === undefined) continue;
    addToCheck(grown, check);
    const loss = meanLogLoss(check.margins, check.labels, check.weights);
    if (loss < bestLoss) [bestLoss, bestRounds] = [loss, trees.length];
    else if (trees.length - bestRounds >= parameters.patience) break;
  }
  return ensembleOf(training.columns.length, base, check === undefined ? trees : trees.slice(0, bestRounds));
}

function startCheck(validation: LabelledColumns, positiveWeight: number, base: number): Check {
  const { columns, labels } = validation;
  const margins = new Float64Array(labels.length).fill(base);
  return { columns, labels, weights: weightsOf(validation, positiveWeight), margins };
}

function ensembleOf(featureCount: number, baseMargin: number, rounds: readonly GrownTree[]): TreeEnsemble {
  return {
    featureCount,
    baseMargin,
    trees: rounds.flatMap(({ tree }) => (tree === undefined ? [] : [tree])),
    symmetric: rounds.flatMap(({ symmetric }) => (symmetric === undefined ? [] : [symmetric])),
  };
}

function addToCheck({ tree, symmetric }: GrownTree, { columns, margins }: Check): void {
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
  if (share === 1) return order.length;
  let count = 0;
  for (let row = 0; row < order.length; row++) {
    if (random.next() < share) order[count++] = row;
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
