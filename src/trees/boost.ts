/** Gradient boosting: each tree takes a Newton step on the loss left by the trees before it. */
import { createRandom, type Random } from '../stats/random.ts';
import { type Arena } from './arena.ts';
import { codeTable } from './code-table.ts';
import * as job from './job.ts';
import { baseMargin } from './objective.ts';
import { type BoostingParameters } from './params.ts';
import { boostingMemory, type CategorySet, createRounds, type GrownTree, type WeighedLabels } from './rounds.ts';
import { openTeam, type Team, usefulThreads } from './team.ts';
import { type TreeEnsemble } from './tree.ts';

export interface LabelledColumns {
  /** Column-major values, NaN missing. */
  readonly columns: readonly Float64Array[];
  /** 1 fraud, 0 genuine. */
  readonly labels: Uint8Array;
  /** Positive; all 1 when absent. */
  readonly weights?: Float64Array | undefined;
  /** Columns whose values are codes of categories, whole numbers from 0 to 253; the others have an order. */
  readonly categorical?: ReadonlySet<number> | undefined;
}

/** An ensemble whose trees also test sets of categories, as features behind those given. */
export interface BoostedTrees extends TreeEnsemble {
  /** The features from `featureCount − sets.length` on: 1 for a code in the set, else 0; missing where the code is. */
  readonly sets: readonly CategorySet[];
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
): BoostedTrees {
  const [rows, features] = [training.labels.length, training.columns.length];
  const pays = rows * features * parameters.rounds >= THREADS_FROM_CELLS;
  const checkRows = validation?.labels.length ?? 0;
  const team = openBoostingTeam(rows, features, parameters, threads ?? (pays ? usefulThreads() : 1), checkRows);
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
  checkRows = 0,
): Team {
  return openTeam(threads, boostingMemory(rows, features, threads, parameters, checkRows));
}

/** The same on a team that is open already. */
export function boostOn(
  team: Team,
  training: LabelledColumns,
  parameters: BoostingParameters,
  seed: number,
  validation?: LabelledColumns,
): BoostedTrees {
  const { columns, categorical = new Set() } = training;
  if (parameters.growth === 'symmetric' && categorical.size > 0) {
    throw new RangeError('invalid columns: symmetric trees take no categories');
  }
  const random = createRandom(seed);
  const check = parameters.patience > 0 ? validation : undefined;
  const weights = weightsOf(training, parameters.positiveWeight);
  const base = parameters.startsEven === 1 ? 0 : baseMargin(training.labels, weights);
  const options = { categorical, ...(check !== undefined && { check: check.columns }) };
  const table = codeTable(team, columns, parameters.maximumBins, options);
  const all = check === undefined ? { labels: training.labels, weights } : withCheck(training.labels, weights, check, parameters); // prettier-ignore
  const rounds = createRounds(team, table, all, parameters);
  recordSeed(team.arena, seed);
  rounds.margins().fill(base);
  const trees: GrownTree[] = [];
  let [bestLoss, bestRounds, stream] = [Infinity, 0, 0];
  while (trees.length < parameters.rounds) {
    rounds.differentiate();
    const { count, streams } = parameters.rowShare === 1 ? { count: table.rows, streams: 0 } : rounds.draw(stream);
    stream += streams;
    trees.push(rounds.grow(count, drawFeatures(columns.length, parameters.columnShare, random)));
    if (check === undefined) continue;
    const loss = rounds.checkLoss();
    if (loss < bestLoss) [bestLoss, bestRounds] = [loss, trees.length];
    else if (trees.length - bestRounds >= parameters.patience) break;
  }
  const kept = check === undefined ? trees : trees.slice(0, bestRounds);
  return sortSets(ensembleOf(columns.length, base, kept, rounds.sets));
}

function joined<Values extends Uint8Array | Float64Array>(
  Type: new (length: number) => Values,
  first: Values,
  second: Values,
): Values {
  const all = new Type(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** The rows of `check` behind those to grow on. */
function withCheck(
  labels: Uint8Array,
  weights: Float64Array,
  check: LabelledColumns,
  { positiveWeight }: BoostingParameters,
): WeighedLabels {
  return {
    labels: joined(Uint8Array, labels, check.labels),
    weights: joined(Float64Array, weights, weightsOf(check, positiveWeight)),
  };
}

/** For kernels that draw random numbers. */
export function recordSeed(arena: Arena, seed: number): void {
  const whole = Math.floor(seed);
  arena.set(job.SEED_LOW, whole | 0);
  arena.set(job.SEED_HIGH, Math.floor(whole / 2 ** 32) | 0);
}

function ensembleOf(
  columns: number,
  baseMargin: number,
  rounds: readonly GrownTree[],
  sets: readonly CategorySet[],
): BoostedTrees {
  return {
    featureCount: columns + sets.length,
    baseMargin,
    trees: rounds.flatMap(({ tree }) => (tree === undefined ? [] : [tree])),
    symmetric: rounds.flatMap(({ symmetric }) => (symmetric === undefined ? [] : [symmetric])),
    sets,
  };
}

/** Keeps the sets that kept trees test, those of a feature side by side. */
function sortSets(ensemble: BoostedTrees): BoostedTrees {
  const { featureCount, trees, sets } = ensemble;
  if (sets.length === 0) return ensemble;
  const first = featureCount - sets.length;
  const tested = new Set(trees.flatMap(({ feature }) => [...feature]));
  const order = [...sets.keys()]
    .filter((place) => tested.has(first + place))
    .sort((a, b) => sets[a]!.feature - sets[b]!.feature || a - b);
  const newPlace = new Map(order.map((place, index) => [first + place, first + index]));
  return {
    ...ensemble,
    featureCount: first + order.length,
    trees: trees.map((tree) => ({ ...tree, feature: tree.feature.map((column) => newPlace.get(column) ?? column) })),
    sets: order.map((place) => sets[place]!),
  };
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
