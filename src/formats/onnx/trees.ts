/** TreeEnsembleClassifier and TreeEnsembleRegressor as trees of ours. */
import { type Columns } from '../../learners/protocol.ts';
import { createTreeModel } from '../../learners/tree-model.ts';
import { leafOfColumns, type Tree, type TreeEnsemble } from '../../trees/tree.ts';
import { refused } from '../place.ts';
import { growTree, type SourceNode } from '../source-tree.ts';
import { integer, numbers, numbersOf, placeOf, textOf, texts } from './attributes.ts';
import { type InputColumn, testOfFeature } from './columns.ts';
import { type Node } from './protobuf.ts';
import { type OnnxScores } from './scores.ts';

/** A mode asks whether a value is below another or equal to it; the last two the other way round. */
interface Mode {
  readonly orEqual: boolean;
  readonly swap: boolean;
}

const MODES: Readonly<Record<string, Mode>> = {
  BRANCH_LEQ: { orEqual: true, swap: false },
  BRANCH_LT: { orEqual: false, swap: false },
  BRANCH_GT: { orEqual: true, swap: true },
  BRANCH_GTE: { orEqual: false, swap: true },
};

/** Whether `x` takes the true branch of a node. */
function isTrue({ orEqual, swap }: Mode, x: number, value: number): boolean {
  return (orEqual ? x <= value : x < value) !== swap;
}

/** How many nodes of each tree there are, and what each node of the ensemble is. */
interface NodeTable {
  /** Nodes of tree t, in the order listed. */
  readonly trees: readonly (readonly number[])[];
  /** Place within its tree of a node, by tree and number of the node. */
  readonly placeOf: ReadonlyMap<string, number>;
  readonly treeIds: readonly number[];
  readonly nodeIds: readonly number[];
}

const key = (tree: number, node: number): string => `${tree} ${node}`;

/** Over the features of the graph; refuses what gives more than one score for fraud. */
export function readTreeEnsemble(node: Node, columns: readonly InputColumn[], featureCount: number): OnnxScores {
  const isClassifier = node.op_type === 'TreeEnsembleClassifier';
  const prefix = isClassifier ? 'class' : 'target';
  const table = nodeTable(node);
  const outputs = outputsOf(node, isClassifier);
  const { values, targets } = leafValues(node, prefix, table, outputs);
  const average = textOf(node, 'aggregate_function', 'SUM') === 'AVERAGE';
  const scale = average ? 1 / table.trees.length : 1;
  const lists = nodeLists(node, table.treeIds.length);
  const trees = table.trees.map((places) =>
    readTree(node, table, lists, places, columns, (place) => values[place]! * scale),
  );
  const baseMargin = baseValue(node, outputs, targets);
  const ensemble = { featureCount, baseMargin, trees, symmetric: [] };
  const isProbability = isClassifier && textOf(node, 'post_transform', 'NONE') === 'NONE';
  return {
    needsSum: !isClassifier && outputs > 1,
    ...explainable(isProbability ? 'forest' : 'boosting', ensemble),
  };
}

/** Covers are not in the file: without rows to count, a split is taken to divide evenly. */
function explainable(kind: 'forest' | 'boosting', ensemble: TreeEnsemble): Omit<OnnxScores, 'needsSum'> {
  return {
    model: createTreeModel(kind, ensemble),
    referredTo: (rows) =>
      createTreeModel(kind, { ...ensemble, trees: ensemble.trees.map((tree) => counted(tree, rows)) }),
  };
}

/** The tree with the rows that reach each node for covers. */
function counted(tree: Tree, { rows, values }: Columns): Tree {
  const cover = new Float64Array(tree.feature.length);
  for (let row = 0; row < rows; row++) cover[leafOfColumns(tree, values, row)]!++;
  for (let node = cover.length - 1; node >= 0; node--) {
    const left = tree.left[node]!;
    if (left > 0) cover[node] = cover[left]! + cover[left + 1]!;
  }
  return { ...tree, cover };
}

function nodeTable(node: Node): NodeTable {
  const treeIds = numbers(node, 'nodes_treeids');
  const nodeIds = numbersOf(node, 'nodes_nodeids', treeIds.length);
  if (treeIds.length === 0) throw refused(placeOf(node), 'has no nodes');
  const trees = new Map<number, number[]>();
  const places = new Map<string, number>();
  treeIds.forEach((tree, index) => {
    const list = trees.get(tree) ?? [];
    trees.set(tree, list);
    const name = key(tree, nodeIds[index]!);
    if (places.has(name)) throw refused(placeOf(node), `lists node ${nodeIds[index]} of tree ${tree} twice`);
    places.set(name, list.push(index) - 1);
  });
  return { trees: [...trees.values()], placeOf: places, treeIds, nodeIds };
}

/** Scores the node gives; refuses what is not one score for fraud. */
function outputsOf(node: Node, isClassifier: boolean): number {
  const transform = textOf(node, 'post_transform', 'NONE');
  if (!['NONE', 'LOGISTIC', 'SOFTMAX'].includes(transform)) {
    throw refused(placeOf(node), `post_transform ${transform} is not supported`);
  }
  const aggregate = textOf(node, 'aggregate_function', 'SUM');
  if (!['SUM', 'AVERAGE'].includes(aggregate))
    throw refused(placeOf(node), `aggregate_function ${aggregate} is not supported`);
  if (!isClassifier) return integer(node, 'n_targets', 1);
  const labels = numbers(node, 'classlabels_int64s').length || texts(node, 'classlabels_strings').length;
  if (labels > 2) throw refused(placeOf(node), `tells ${labels} classes apart; two are supported`);
  return 2;
}

/**
 * The score of each leaf, by node. A classifier's weights are all of one class (then of the second, whatever their
 * number), or of both: then a soft maximum is of their difference, else the second class has a score of its own.
 */
function leafValues(node: Node, prefix: string, table: NodeTable, outputs: number) {
  const treeIds = numbers(node, `${prefix}_treeids`);
  const nodeIds = numbersOf(node, `${prefix}_nodeids`, treeIds.length);
  const ids = numbersOf(node, `${prefix}_ids`, treeIds.length);
  const weights = numbersOf(node, `${prefix}_weights`, treeIds.length);
  const targets = new Set(ids);
  const signs = signsOf(node, prefix, targets, outputs);
  const values = new Float64Array(table.treeIds.length);
  const placesOf = new Map(table.treeIds.map((tree, index) => [key(tree, table.nodeIds[index]!), index]));
  treeIds.forEach((tree, index) => {
    const at = placesOf.get(key(tree, nodeIds[index]!));
    if (at === undefined)
      throw refused(placeOf(node), `gives a value to node ${nodeIds[index]} of tree ${tree}, which it does not have`);
    values[at] = values[at]! + (signs.get(ids[index]!) ?? 0) * weights[index]!;
  });
  return { values, targets };
}

/** What a weight of each output adds to the score of fraud, by its number. */
function signsOf(
  node: Node,
  prefix: string,
  targets: ReadonlySet<number>,
  outputs: number,
): ReadonlyMap<number, number> {
  const outside = [...targets].find((target) => target < 0 || target >= outputs);
  if (outside !== undefined) throw refused(`${placeOf(node)}, ${prefix}_ids`, `names output ${outside} of ${outputs}`);
  if (prefix === 'target' || targets.size < 2) return new Map([...targets].map((target) => [target, 1]));
  const isSoftmax = textOf(node, 'post_transform', 'NONE') === 'SOFTMAX';
  return new Map([
    [0, isSoftmax ? -1 : 0],
    [1, 1],
  ]);
}

/** What is added to the score of every row. */
function baseValue(node: Node, outputs: number, targets: ReadonlySet<number>): number {
  const base = numbers(node, 'base_values');
  if (base.length === 0) return 0;
  if (base.length !== 1 && base.length !== outputs)
    throw refused(`${placeOf(node)}, base_values`, `holds ${base.length} values`);
  if (base.length === 1) return base[0]!;
  if (node.op_type === 'TreeEnsembleRegressor') return base.reduce((sum, value) => sum + value, 0);
  if (targets.size < 2) return base[1]!;
  return textOf(node, 'post_transform', 'NONE') === 'SOFTMAX' ? base[1]! - base[0]! : base[1]!;
}

/** The lists of an ensemble that its trees are read from, each [nodes]. */
interface NodeLists {
  readonly modes: readonly string[];
  readonly features: readonly number[];
  readonly whenTrue: readonly number[];
  readonly whenFalse: readonly number[];
  readonly values: readonly number[];
  /** 1 where a missing value takes the true branch; empty when it never does. */
  readonly missing: readonly number[];
}

function nodeLists(node: Node, count: number): NodeLists {
  const list = (name: string): readonly number[] => numbersOf(node, name, count);
  return {
    modes: texts(node, 'nodes_modes'),
    features: list('nodes_featureids'),
    whenTrue: list('nodes_truenodeids'),
    whenFalse: list('nodes_falsenodeids'),
    values: list('nodes_values'),
    missing: numbers(node, 'nodes_missing_value_tracks_true'),
  };
}

function readTree(
  node: Node,
  table: NodeTable,
  lists: NodeLists,
  places: readonly number[],
  columns: readonly InputColumn[],
  valueOf: (place: number) => number,
): Tree {
  const { modes, features, whenTrue, whenFalse, values, missing } = lists;
  const tree = table.treeIds[places[0]!]!;
  const child = (id: number): number => table.placeOf.get(key(tree, id)) ?? -1;
  const read = (place: number): SourceNode => {
    const at = places[place]!;
    if (modes[at] === 'LEAF') return { cover: 0, value: valueOf(at) };
    const mode = MODES[modes[at] ?? ''];
    if (mode === undefined) throw refused(placeOf(node), `node mode ${modes[at]} is not supported`);
    const column = columns[features[at]!];
    if (column === undefined) {
      throw refused(`${placeOf(node)}, nodes_featureids`, `names feature ${features[at]} of ${columns.length}`);
    }
    const { below, threshold } = testOfFeature(column, values[at]!, mode.orEqual);
    // A missing value fails every comparison, unless something stands for it or the node says otherwise.
    const { whenMissing } = column;
    const missingTrue = Number.isNaN(whenMissing) ? missing[at] === 1 : isTrue(mode, whenMissing, values[at]!);
    const trueIsBelow = below !== mode.swap;
    return {
      cover: 0,
      gain: 0,
      column: column.feature,
      threshold,
      missingLeft: missingTrue === trueIsBelow,
      left: child(trueIsBelow ? whenTrue[at]! : whenFalse[at]!),
      right: child(trueIsBelow ? whenFalse[at]! : whenTrue[at]!),
    };
  };
  return growTree(places.length, read, `${placeOf(node)}, tree ${tree}`);
}
