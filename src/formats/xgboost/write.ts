/** Writes boosted trees as JSON that XGBoost loads. */
import { encoderFromSteps, type Step } from '../../learners/encoder.ts';
import { type ModelDocument } from '../../learners/protocol.ts';
import { type Tree } from '../../trees/tree.ts';
import { exportableOf, type ExportableTrees } from '../exportable.ts';
import { singleAtOrBelow } from '../float-steps.ts';
import { refused } from '../place.ts';
import { ENCODER_ATTRIBUTE, FEATURES_ATTRIBUTE } from './attributes.ts';

/** The file has the shape of this version, which all later ones load. */
const VERSION = [2, 0, 0];
/** XGBoost's mark for "no parent". */
const NO_PARENT = 2 ** 31 - 1;
/** Largest single-precision number: where a test asks only whether there is a value. */
const LARGEST_SINGLE = (2 - 2 ** -23) * 2 ** 127;

/**
 * `names` are those of the model's features. Margins in XGBoost differ by what single precision loses: leaves are
 * rounded, and sums after every tree. Thresholds are rounded up, so that a value which is itself a single-precision
 * number takes the same side. Where categories are encoded, the file's features are the encoded columns and its
 * attributes hold the encoder. Throws for all but boosted trees.
 */
export function writeXgboost(document: ModelDocument, names: readonly string[]): string {
  const model = exportableOf(document);
  const isEncoded = model.kind === 'encoded';
  const trees = isEncoded ? model.inner : model;
  if (trees.kind !== 'trees' || trees.isForest) {
    throw refused('model', 'is not of boosted trees alone, which is all that XGBoost can hold; ONNX holds the others');
  }
  const columns = isEncoded ? numbered(model.steps.flatMap((step) => columnNames(step, names[step.source]!))) : names;
  const hasEncoder = isEncoded && model.steps.some(({ encoding }) => encoding !== 'copy');
  const attributes = {
    ...(hasEncoder && {
      [ENCODER_ATTRIBUTE]: JSON.stringify(encoderFromSteps(document.featureCount, model.steps).toDocument()),
      [FEATURES_ATTRIBUTE]: JSON.stringify(names),
    }),
  };
  return jsonOf({ learner: learnerOf(trees, columns, attributes), version: VERSION });
}

/** The second column of a name and all later ones get their number: XGBoost takes each name once. */
function numbered(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

/** What a step's columns are called; XGBoost forbids brackets and `<`. */
function columnNames(step: Step, name: string): readonly string[] {
  if (step.encoding === 'copy') return [name];
  if (step.encoding !== 'one-hot') return [`${name}_${step.encoding}`];
  return [...Array.from(step.keys, (key) => `${name}_is_${key}`), `${name}_is_other`];
}

function learnerOf({ trees, baseMargin }: ExportableTrees, names: readonly string[], attributes: object) {
  // The base margin comes last, as a tree of one leaf: sums stay small, and single precision loses less of them.
  const all = [...trees, leaf(baseMargin)];
  return {
    attributes,
    feature_names: names,
    feature_types: names.map(() => 'float'),
    gradient_booster: {
      model: {
        gbtree_model_param: { num_parallel_tree: '1', num_trees: String(all.length) },
        iteration_indptr: Array.from({ length: all.length + 1 }, (_, index) => index),
        tree_info: all.map(() => 0),
        trees: all.map((tree, id) => treeOf(tree, id, names.length)),
      },
      name: 'gbtree',
    },
    learner_model_param: {
      base_score: '5E-1',
      boost_from_average: '1',
      num_class: '0',
      num_feature: String(names.length),
      num_target: '1',
    },
    objective: { name: 'binary:logistic', reg_loss_param: { scale_pos_weight: '1' } },
  };
}

function leaf(value: number): Tree {
  return {
    feature: Int32Array.of(-1),
    threshold: Float64Array.of(0),
    missingLeft: Uint8Array.of(0),
    left: Int32Array.of(0),
    value: Float64Array.of(value),
    cover: Float64Array.of(1),
    gain: Float64Array.of(0),
  };
}

/** JSON in which single-precision numbers always have a point or an exponent: XGBoost takes others for integers. */
function jsonOf(value: unknown): string {
  if (value instanceof Float32Array) return `[${Array.from(value, textOfSingle).join(',')}]`;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${jsonOf(item)}`).join(',')}}`; // prettier-ignore
}

/** Digits that tell single-precision numbers apart. */
const SINGLE_DIGITS = 9;

function textOfSingle(x: number): string {
  const text = String(Number(x.toPrecision(SINGLE_DIGITS)));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The least single-precision number ≥ x, finite. */
function singleAtOrAbove(x: number): number {
  const bounded = Math.max(-LARGEST_SINGLE, Math.min(LARGEST_SINGLE, x));
  return -singleAtOrBelow(-bounded);
}

function treeOf(tree: Tree, id: number, featureCount: number) {
  const nodes = Array.from(tree.feature.keys());
  const isLeaf = (node: number): boolean => tree.feature[node]! < 0;
  const parents = new Array<number>(nodes.length).fill(NO_PARENT);
  for (const node of nodes) {
    if (isLeaf(node)) continue;
    parents[tree.left[node]!] = node;
    parents[tree.left[node]! + 1] = node;
  }
  return {
    base_weights: Float32Array.from(tree.value),
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    default_left: nodes.map((node) => tree.missingLeft[node]!),
    id,
    left_children: nodes.map((node) => (isLeaf(node) ? -1 : tree.left[node]!)),
    loss_changes: Float32Array.from(tree.gain),
    parents,
    right_children: nodes.map((node) => (isLeaf(node) ? -1 : tree.left[node]! + 1)),
    split_conditions: Float32Array.from(nodes, (node) =>
      isLeaf(node) ? tree.value[node]! : singleAtOrAbove(tree.threshold[node]!),
    ),
    split_indices: nodes.map((node) => Math.max(0, tree.feature[node]!)),
    split_type: nodes.map(() => 0),
    sum_hessian: Float32Array.from(tree.cover),
    tree_param: {
      num_deleted: '0',
      num_feature: String(featureCount),
      num_nodes: String(nodes.length),
      size_leaf_vector: '1',
    },
  };
}
