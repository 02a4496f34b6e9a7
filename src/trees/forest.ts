/** Random forests and single decision trees: leaves hold the weighted fraud rate, splits lower the Gini impurity. */
import { createRandom, type Random } from '../stats/random.ts';
import { type LabelledColumns } from './boost.ts';
import { codeTable } from './code-table.ts';
import { createForestGrower } from './forest-grow.ts';
import { COLUMN_BYTES, COLUMN_CODES, COLUMN_WIDTH, COLUMNS } from './job.ts';
import { gridRounder } from './objective.ts';
import { type ForestParameters } from './params.ts';
import { openTeam } from './team.ts';
import { type Tree, type TreeEnsemble } from './tree.ts';

/** Fits a forest; its margin is the mean over trees of the fraud rate in the row's leaf. */
export function growForest(training: LabelledColumns, parameters: ForestParameters, seed: number): TreeEnsemble {
  const { columns, labels } = training;
  const features = columns.length;
  const random = createRandom(seed);
  const team = openTeam(1);
  const { arena } = team;
  const { rows, cuts } = codeTable(team, columns, parameters.maximumBins);
  const codes = cuts.map((_, feature) => {
    const record = arena.get(COLUMNS) + feature * COLUMN_BYTES;
    const at = arena.get(record + COLUMN_CODES);
    return arena.get(record + COLUMN_WIDTH) === 1 ? arena.bytes(at, rows) : arena.words(at, rows);
  });
  const binned = { rows, cuts, codes };
  const columnsPerSplit = Math.min(
    features,
    parameters.columnsPerSplit || Math.max(1, Math.floor(Math.sqrt(features))),
  );
  const grower = createForestGrower(binned, labels, { ...parameters, columnsPerSplit });
  const weights = balancedWeights(training, parameters.balanced === 1);
  const drawn = new Float64Array(labels.length);
  const trees: Tree[] = [];
  for (let index = 0; index < parameters.trees; index++) {
    const treeRandom = random.fork(index);
    drawWeights(weights, parameters.bootstrap === 1, treeRandom, drawn);
    const tree = grower.grow(drawn, treeRandom);
    trees.push({ ...tree, value: tree.value.map((rate) => rate / parameters.trees) });
  }
  return { featureCount: features, baseMargin: 0, trees, symmetric: [] };
}

/** Row weights on the exact-sum grid; balanced, each class counts half of the total. */
function balancedWeights({ labels, weights }: LabelledColumns, balanced: boolean): Float64Array {
  const totals = [0, 0];
  labels.forEach((label, row) => {
    totals[label] = totals[label]! + (weights?.[row] ?? 1);
  });
  const all = totals[0]! + totals[1]!;
  // A bootstrap may draw a row often, hence twice the total as the bound of all sums.
  const rounder = gridRounder(2 * all);
  return Float64Array.from(labels, (label, row) => {
    const weight = (weights?.[row] ?? 1) * (balanced ? all / (2 * totals[label]!) : 1);
    return weight + rounder - rounder;
  });
}

/** Weight × number of times drawn, of each row. */
function drawWeights(weights: Float64Array, bootstrap: boolean, random: Random, drawn: Float64Array): void {
  if (!bootstrap) {
    drawn.set(weights);
    return;
  }
  drawn.fill(0);
  for (let draw = 0; draw < weights.length; draw++) {
    const row = random.integer(weights.length);
    drawn[row] = drawn[row]! + weights[row]!;
  }
}
