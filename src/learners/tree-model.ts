/** A tree ensemble as a model of the protocol, and as a document. */
import { type RowScorer, createScorer } from '../trees/predict.ts';
import { type Explainer } from '../trees/explanation.ts';
import { createExplainer } from '../trees/shap.ts';
import { createSymmetricLeaves, type SymmetricLeaves } from '../trees/symmetric-leaves.ts';
import { gainByFeature, type SymmetricTree, type Tree, type TreeEnsemble } from '../trees/tree.ts';
import {
  damaged,
  packBytes,
  packDoubles,
  packIntegers,
  readBytes,
  readCount,
  readDoubles,
  readFiniteDoubles,
  readIntegers,
  readNumber,
  readObject,
} from './fields.ts';
import { type Model, type ModelDocument } from './protocol.ts';

export const TREE_MODEL_KINDS = ['boosting', 'forest', 'decision-tree', 'isolation-forest'] as const;
export type TreeModelKind = (typeof TREE_MODEL_KINDS)[number];

export interface TreeModel extends Model {
  readonly ensemble: TreeEnsemble;
}

/** Scorer and explainer are laid out at their first use, and share the leaves of the row they saw last. */
export function createTreeModel(kind: TreeModelKind, ensemble: TreeEnsemble): TreeModel {
  let leaves: SymmetricLeaves | undefined;
  let scorer: RowScorer | undefined;
  let explainer: Explainer | undefined;
  return {
    kind,
    featureCount: ensemble.featureCount,
    ensemble,
    margin(row, offset = 0) {
      scorer ??= createScorer(ensemble, (leaves ??= createSymmetricLeaves(ensemble)));
      return scorer(row, offset);
    },
    addContributions(row, out, weight) {
      explainer ??= createExplainer(ensemble, (leaves ??= createSymmetricLeaves(ensemble)));
      explainer.add(row, 0, out, weight);
      return weight * explainer.expectedMargin;
    },
    importance: () => gainByFeature(ensemble),
    toDocument: () => toDocument(kind, ensemble),
  };
}

function toDocument(kind: TreeModelKind, ensemble: TreeEnsemble): ModelDocument {
  const { featureCount, baseMargin, trees, symmetric } = ensemble;
  const all = <Item>(items: readonly Item[], part: (item: Item) => ArrayLike<number>): number[] =>
    items.flatMap((item) => Array.from(part(item)));
  return {
    kind,
    featureCount,
    baseMargin,
    trees: {
      nodes: packIntegers(trees.map((tree) => tree.feature.length)),
      feature: packIntegers(all(trees, (tree) => tree.feature)),
      threshold: packDoubles(all(trees, (tree) => tree.threshold)),
      missingLeft: packBytes(all(trees, (tree) => tree.missingLeft)),
      left: packIntegers(all(trees, (tree) => tree.left)),
      value: packDoubles(all(trees, (tree) => tree.value)),
      cover: packDoubles(all(trees, (tree) => tree.cover)),
      gain: packDoubles(all(trees, (tree) => tree.gain)),
    },
    symmetric: {
      levels: packIntegers(symmetric.map((tree) => tree.feature.length)),
      feature: packIntegers(all(symmetric, (tree) => tree.feature)),
      threshold: packDoubles(all(symmetric, (tree) => tree.threshold)),
      missingLeft: packBytes(all(symmetric, (tree) => tree.missingLeft)),
      gain: packDoubles(all(symmetric, (tree) => tree.gain)),
      value: packDoubles(all(symmetric, (tree) => tree.value)),
      cover: packDoubles(all(symmetric, (tree) => tree.cover)),
    },
  };
}

/** The model of a document written by `toDocument`; throws when a field is damaged. */
export function treeModelFromDocument(kind: TreeModelKind, document: ModelDocument): TreeModel {
  const featureCount = readCount(document, 'featureCount');
  const ensemble = {
    featureCount,
    baseMargin: readNumber(document, 'baseMargin'),
    trees: readTrees(readObject(document['trees'], 'trees'), featureCount),
    symmetric: readSymmetric(readObject(document['symmetric'], 'symmetric'), featureCount),
  };
  return createTreeModel(kind, ensemble);
}

type Fields = Readonly<Record<string, unknown>>;

/** Deepest symmetric tree a document may hold: 2^16 leaves. */
const MOST_LEVELS = 16;

function readTrees(fields: Fields, featureCount: number): Tree[] {
  const sizes = readIntegers(fields, 'nodes');
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const feature = readIntegers(fields, 'feature', total);
  const threshold = readDoubles(fields, 'threshold', total);
  const missingLeft = readBytes(fields, 'missingLeft', total);
  const left = readIntegers(fields, 'left', total);
  const value = readFiniteDoubles(fields, 'value', total);
  const cover = readFiniteDoubles(fields, 'cover', total);
  const gain = readFiniteDoubles(fields, 'gain', total);
  let from = 0;
  return Array.from(sizes, (size) => {
    const to = from + size;
    const tree = {
      feature: feature.slice(from, to),
      threshold: threshold.slice(from, to),
      missingLeft: missingLeft.slice(from, to),
      left: left.slice(from, to),
      value: value.slice(from, to),
      cover: cover.slice(from, to),
      gain: gain.slice(from, to),
    };
    from = to;
    checkTree(tree, featureCount);
    return tree;
  });
}

/** Every inner node tests a known feature and leads to two later nodes; every node but the root has one parent. */
function checkTree(tree: Tree, featureCount: number): void {
  const size = tree.feature.length;
  if (size === 0) throw damaged('nodes', 'counts an empty tree');
  const parents = new Uint8Array(size);
  for (let node = 0; node < size; node++) {
    const feature = tree.feature[node]!;
    if (feature < -1 || feature >= featureCount)
      throw damaged('feature', `names feature ${feature} of ${featureCount}`);
    if (!(tree.cover[node]! >= 0)) throw damaged('cover', 'is negative');
    if (feature < 0) continue;
    const left = tree.left[node]!;
    if (!(left > node && left + 1 < size)) throw damaged('left', `leads from node ${node} to ${left} of ${size}`);
    if (Number.isNaN(tree.threshold[node])) throw damaged('threshold', 'holds NaN');
    parents[left]!++;
    parents[left + 1]!++;
  }
  for (let node = 1; node < size; node++) {
    if (parents[node] !== 1) throw damaged('left', `gives node ${node} ${parents[node]} parents`);
  }
}

function readSymmetric(fields: Fields, featureCount: number): SymmetricTree[] {
  const levels = readIntegers(fields, 'levels');
  if (levels.some((level) => level < 0 || level > MOST_LEVELS)) throw damaged('levels', 'holds an impossible depth');
  const tests = levels.reduce((sum, level) => sum + level, 0);
  const leaves = levels.reduce((sum, level) => sum + 2 ** level, 0);
  const feature = readIntegers(fields, 'feature', tests);
  if (feature.some((index) => index < 0 || index >= featureCount)) {
    throw damaged('feature', `names a feature outside the ${featureCount}`);
  }
  const threshold = readDoubles(fields, 'threshold', tests);
  if (threshold.some(Number.isNaN)) throw damaged('threshold', 'holds NaN');
  const missingLeft = readBytes(fields, 'missingLeft', tests);
  const gain = readFiniteDoubles(fields, 'gain', tests);
  const value = readFiniteDoubles(fields, 'value', leaves);
  const cover = readFiniteDoubles(fields, 'cover', leaves);
  if (cover.some((weight) => weight < 0)) throw damaged('cover', 'is negative');
  let [test, leaf] = [0, 0];
  return Array.from(levels, (depth) => {
    const [lastTest, lastLeaf] = [test + depth, leaf + 2 ** depth];
    const tree = {
      feature: feature.slice(test, lastTest),
      threshold: threshold.slice(test, lastTest),
      missingLeft: missingLeft.slice(test, lastTest),
      gain: gain.slice(test, lastTest),
      value: value.slice(leaf, lastLeaf),
      cover: cover.slice(leaf, lastLeaf),
    };
    [test, leaf] = [lastTest, lastLeaf];
    return tree;
  });
}
