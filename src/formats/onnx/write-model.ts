/** Parts of our models as ONNX operators on doubles: each takes a matrix [rows, columns] and gives margins [rows, 1]. */
import { type Step } from '../../learners/encoder.ts';
import { type LinearTerms } from '../../learners/logistic.ts';
import { type Tree } from '../../trees/tree.ts';
import { type Exportable, type ExportableTrees } from '../exportable.ts';
import { type Graph } from './graph.ts';
import { DATA_TYPE } from './protobuf.ts';

/** The tensor of margins of the rows in tensor `rows`. */
export function addModel(graph: Graph, model: Exportable, rows: string): string {
  switch (model.kind) {
    case 'trees':
      return addTrees(graph, model, rows);
    case 'linear':
      return addLinear(graph, model.terms, rows);
    case 'encoded':
      return addModel(graph, model.inner, addEncoder(graph, model.steps, rows));
    case 'stack': {
      const parts = model.members.map(({ weight, member }) =>
        graph.add('Mul', [addModel(graph, member, rows), graph.constant([weight], [1])]),
      );
      const intercept = graph.constant([model.intercept], [1, 1]);
      return parts.reduce((sum, part) => graph.add('Add', [sum, part]), intercept);
    }
  }
}

/** Bits of a single-precision number's fraction that a sum may use. */
const SINGLE_BITS = 23;

/** The step of a grid on which sums of leaves are exact in single precision. */
function gridOf({ trees, baseMargin }: ExportableTrees): number {
  const most = trees.reduce((sum, { value }) => sum + value.reduce((size, x) => Math.max(size, Math.abs(x)), 0), Math.abs(baseMargin)); // prettier-ignore
  let step = 2 ** -SINGLE_BITS;
  while (step * 2 ** SINGLE_BITS < most) step *= 2;
  return step;
}

/**
 * The operator gives single-precision sums only. So every leaf is cut in two: what lies on a grid that keeps its sums
 * exact, and the small rest; both sums, added as doubles, are good to some 1e-10 of the margin.
 */
function addTrees(graph: Graph, model: ExportableTrees, rows: string): string {
  const { trees, baseMargin } = model;
  if (trees.length === 0) return addConstantMargin(graph, baseMargin, rows);
  const grid = gridOf(model);
  const coarse = (x: number): number => Math.round(x / grid) * grid;
  const nodes = trees.flatMap((tree, index) => Array.from(tree.feature.keys(), (node) => ({ tree, index, node })));
  const leaves = nodes.filter(({ tree, node }) => tree.feature[node]! < 0);
  const isLeaf = (tree: Tree, node: number): boolean => tree.feature[node]! < 0;
  const sums = graph.add('TreeEnsembleRegressor', [rows], {
    aggregate_function: { text: 'SUM' },
    post_transform: { text: 'NONE' },
    n_targets: { int: 2 },
    base_values_as_tensor: { doubles: [coarse(baseMargin), baseMargin - coarse(baseMargin)] },
    nodes_treeids: { ints: nodes.map(({ index }) => index) },
    nodes_nodeids: { ints: nodes.map(({ node }) => node) },
    nodes_modes: { texts: nodes.map(({ tree, node }) => (isLeaf(tree, node) ? 'LEAF' : 'BRANCH_LT')) },
    nodes_featureids: { ints: nodes.map(({ tree, node }) => Math.max(0, tree.feature[node]!)) },
    nodes_values_as_tensor: {
      doubles: nodes.map(({ tree, node }) => (isLeaf(tree, node) ? 0 : tree.threshold[node]!)),
    },
    nodes_truenodeids: { ints: nodes.map(({ tree, node }) => tree.left[node]!) },
    nodes_falsenodeids: { ints: nodes.map(({ tree, node }) => (isLeaf(tree, node) ? 0 : tree.left[node]! + 1)) },
    nodes_missing_value_tracks_true: { ints: nodes.map(({ tree, node }) => tree.missingLeft[node]!) },
    target_treeids: { ints: leaves.flatMap(({ index }) => [index, index]) },
    target_nodeids: { ints: leaves.flatMap(({ node }) => [node, node]) },
    target_ids: { ints: leaves.flatMap(() => [0, 1]) },
    target_weights_as_tensor: {
      doubles: leaves.flatMap(({ tree, node }) => [
        coarse(tree.value[node]!),
        tree.value[node]! - coarse(tree.value[node]!),
      ]),
    },
  });
  return sumOfColumns(graph, toDouble(graph, sums));
}

/** The same margin for every row: nothing of the rows but their number counts. */
function addConstantMargin(graph: Graph, margin: number, rows: string): string {
  const none = graph.add('Slice', [rows, ...[[0], [0], [1]].map((value) => graph.constant(value, [1], 'int64'))]);
  return graph.add('Add', [sumOfColumns(graph, none), graph.constant([margin], [1, 1])]);
}

const toDouble = (graph: Graph, tensor: string): string =>
  graph.add('Cast', [tensor], { to: { int: DATA_TYPE.double } });

function sumOfColumns(graph: Graph, tensor: string): string {
  return graph.add('ReduceSum', [tensor, graph.constant([1], [1], 'int64')], { keepdims: { int: 1 } });
}

/** Terms (x − centre)·slope, x taken into its range first, or what stands for a missing value; and their sum. */
function addLinear(graph: Graph, terms: LinearTerms, rows: string): string {
  const row = (values: Float64Array): string => graph.constant(Array.from(values), [1, values.length]);
  const known = graph.add('Min', [graph.add('Max', [rows, row(terms.least)]), row(terms.most)]);
  const shifted = graph.add('Sub', [known, row(terms.centre)]);
  const present = graph.add('Mul', [shifted, row(terms.slope)]);
  const all = graph.add('Where', [graph.add('IsNaN', [rows]), row(terms.whenMissing), present]);
  return graph.add('Add', [sumOfColumns(graph, all), graph.constant([terms.intercept], [1, 1])]);
}

/** Encoded columns side by side. */
function addEncoder(graph: Graph, steps: readonly Step[], rows: string): string {
  const parts: string[] = [];
  let copies: number[] = [];
  const pick = (sources: readonly number[]): string =>
    graph.add('Gather', [rows, graph.constant(sources, [sources.length], 'int64')], { axis: { int: 1 } });
  const flush = (): void => {
    if (copies.length > 0) parts.push(pick(copies));
    copies = [];
  };
  for (const step of steps) {
    if (step.encoding === 'copy') {
      copies.push(step.source);
      continue;
    }
    flush();
    parts.push(addStep(graph, step, pick([step.source])));
  }
  flush();
  return parts.length === 1 ? parts[0]! : graph.add('Concat', parts, { axis: { int: 1 } });
}

/** The columns that a step makes of one. */
function addStep(graph: Graph, step: Exclude<Step, { readonly encoding: 'copy' }>, column: string): string {
  if (step.encoding === 'one-hot') return addOneHot(graph, step.keys, column);
  return graph.add('LabelEncoder', [column], {
    keys_tensor: { doubles: [...step.keys, NaN] },
    values_tensor: { doubles: [...step.values, NaN] },
    default_tensor: { doubles: [step.unknown] },
  });
}

/** One column a key, then one for values that are not among them; a missing value lights none. */
function addOneHot(graph: Graph, keys: Float64Array, column: string): string {
  const width = keys.length;
  const equal = toDouble(graph, graph.add('Equal', [column, graph.constant(Array.from(keys), [1, width])]));
  const present = toDouble(graph, graph.add('Not', [graph.add('IsNaN', [column])]));
  const other = graph.add('Sub', [present, sumOfColumns(graph, equal)]);
  return graph.add('Concat', [equal, other], { axis: { int: 1 } });
}
