/** Reads models that CatBoost saved as JSON. */
import { createForeignTreeModel } from '../../learners/foreign-trees.ts';
import { createTreeModel } from '../../learners/tree-model.ts';
import { type SymmetricTree, type Tree } from '../../trees/tree.ts';
import { type ImportedModel } from '../imported-model.ts';
import { findMember, items, member, numberOf, numbersOf, parseJson, type Place, refused } from '../place.ts';
import { type ColumnList, createColumnList, growTree, MEMBER_THRESHOLD, type SourceNode } from '../source-tree.ts';
import { type CatboostFeatures, readFeatures, readTest, type Test } from './features.ts';

/** Deepest symmetric tree CatBoost grows. */
const MOST_LEVELS = 16;

/**
 * Margins are CatBoost's RawFormulaVal. Symmetric trees over numbers stay symmetric; with one-hot tests on categories,
 * and for the other growth policies, they are binary. Refuses, with the place, what is damaged, several outputs, and
 * features that are target statistics (ctr), texts or embeddings.
 */
export function readCatboost(text: string): ImportedModel {
  const root = parseJson(text, 'model');
  const features = readFeatures(member(root, 'features_info'));
  const { scale, bias } = scaleAndBias(member(root, 'scale_and_bias'));
  const featureCount = features.named.length;
  const symmetric = findMember(root, 'oblivious_trees');
  if (symmetric === undefined) {
    const columns = createColumnList(featureCount);
    const trees = items(member(root, 'trees')).map((tree) => readTree(tree, features, columns, scale));
    return { features: features.named, model: binaryModel(featureCount, columns, trees, bias) };
  }
  const trees = items(symmetric).map((tree) => readSymmetric(tree, features, scale));
  if (!trees.some(({ tests }) => tests.some(({ kind }) => kind === 'member'))) {
    const ensemble = { featureCount, baseMargin: bias, trees: [], symmetric: trees.map(symmetricTree) };
    return { features: features.named, model: createTreeModel('boosting', ensemble) };
  }
  const columns = createColumnList(featureCount);
  const grown = trees.map((tree) => binaryTree(tree, columns));
  return { features: features.named, model: binaryModel(featureCount, columns, grown, bias) };
}

function scaleAndBias(place: Place): { readonly scale: number; readonly bias: number } {
  const [scale, bias] = items(place);
  if (scale === undefined || bias === undefined) throw refused(place.path, 'does not hold scale and bias');
  const biases = Array.isArray(bias.value) ? numbersOf(bias) : [numberOf(bias)];
  if (biases.length > 1) throw refused(bias.path, 'several outputs are not supported');
  return { scale: numberOf(scale), bias: biases[0] ?? 0 };
}

function binaryModel(featureCount: number, { columns }: ColumnList, trees: readonly Tree[], baseMargin: number) {
  const ensemble = { featureCount: columns.length, baseMargin, trees, symmetric: [] };
  if (columns.length === featureCount) return createTreeModel('boosting', ensemble);
  return createForeignTreeModel({ featureCount, columns, ensemble, rounding: 'float64' });
}

/** Test l of a tree sets bit l of the leaf's index. */
interface ObliviousTree {
  readonly path: string;
  readonly tests: readonly Test[];
  readonly values: readonly number[];
  readonly weights: readonly number[];
}

function readSymmetric(place: Place, features: CatboostFeatures, scale: number): ObliviousTree {
  const splits = findMember(place, 'splits');
  const tests =
    splits === undefined || splits.value === null ? [] : items(splits).map((split) => readTest(split, features));
  if (tests.length > MOST_LEVELS) throw refused(place.path, `has ${tests.length} levels`);
  const values = member(place, 'leaf_values');
  const leaves = 2 ** tests.length;
  if (
    Array.isArray(values.value) &&
    tests.length > 0 &&
    values.value.length > leaves &&
    values.value.length % leaves === 0
  ) {
    throw refused(values.path, 'several outputs are not supported');
  }
  return {
    path: place.path,
    tests,
    values: numbersOf(values, leaves).map((value) => value * scale),
    weights: numbersOf(member(place, 'leaf_weights'), leaves),
  };
}

/**
 * CatBoost takes the last test for the root when it divides training weight, and so does its explanation: our level l
 * is its test number `levels − 1 − l`, and leaves move to the mirrored index.
 */
function symmetricTree({ tests, values, weights }: ObliviousTree): SymmetricTree {
  const levels = tests.length;
  const reversed = tests.toReversed();
  const mirrored = (leaf: number): number => {
    let index = 0;
    for (let level = 0; level < levels; level++) if (leaf & (1 << level)) index |= 1 << (levels - 1 - level);
    return index;
  };
  return {
    feature: Int32Array.from(reversed, ({ feature }) => feature),
    threshold: Float64Array.from(reversed, (test) => (test.kind === 'above' ? test.threshold : 0)),
    missingLeft: Uint8Array.from(reversed, (test) => (test.kind === 'above' && !test.missingLeft ? 0 : 1)),
    gain: new Float64Array(levels),
    value: Float64Array.from(values, (_, leaf) => values[mirrored(leaf)]!),
    cover: Float64Array.from(weights, (_, leaf) => weights[mirrored(leaf)]!),
  };
}

/** What a test sends right, as a binary node has it. */
function columnTest(test: Test, columns: ColumnList) {
  if (test.kind === 'above') return { column: test.feature, threshold: test.threshold, missingLeft: test.missingLeft };
  return { column: columns.members(test.feature, [test.code]), threshold: MEMBER_THRESHOLD, missingLeft: true };
}

/** The tree as a binary one, node n leading to 2n + 1 and 2n + 2, its last test at the root. */
function binaryTree({ path, tests, values, weights }: ObliviousTree, columns: ColumnList): Tree {
  const levels = tests.length;
  const [inner, total] = [2 ** levels - 1, 2 ** (levels + 1) - 1];
  const cover = new Float64Array(total);
  const leafOf = (node: number): number => {
    let leaf = 0;
    for (let at = node, level = 0; level < levels; level++, at = (at - 1) >> 1) if (at % 2 === 0) leaf |= 1 << level;
    return leaf;
  };
  for (let node = total - 1; node >= 0; node--) {
    cover[node] = node >= inner ? weights[leafOf(node)]! : cover[2 * node + 1]! + cover[2 * node + 2]!;
  }
  const read = (node: number): SourceNode => {
    if (node >= inner) return { cover: cover[node]!, value: values[leafOf(node)]! };
    const depth = Math.floor(Math.log2(node + 1));
    const test = columnTest(tests[levels - 1 - depth]!, columns);
    return { cover: cover[node]!, ...test, left: 2 * node + 1, right: 2 * node + 2, gain: 0 };
  };
  return growTree(total, read, path);
}

/** A tree of nested nodes. */
function readTree(root: Place, features: CatboostFeatures, columns: ColumnList, scale: number): Tree {
  const nodes: SourceNode[] = [];
  let count = 0;
  const visit = (place: Place): number => {
    const at = count++;
    const split = findMember(place, 'split');
    if (split === undefined || split.value === null) {
      const value = member(place, 'value');
      if (Array.isArray(value.value)) throw refused(value.path, 'several outputs are not supported');
      nodes[at] = { cover: numberOf(member(place, 'weight')), value: numberOf(value) * scale };
      return at;
    }
    const test = columnTest(readTest(split, features), columns);
    const [left, right] = [visit(member(place, 'left')), visit(member(place, 'right'))];
    nodes[at] = { ...test, cover: nodes[left]!.cover + nodes[right]!.cover, gain: 0, left, right };
    return at;
  };
  visit(root);
  return growTree(count, (node) => nodes[node]!, root.path);
}
