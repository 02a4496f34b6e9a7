/** Our models, taken apart from their documents into what other formats can say. */
import { type Step, stepsFromDocument } from '../learners/encoder.ts';
import { readFiniteDoubles, readList, readModelDocument, readNumber } from '../learners/fields.ts';
import { type ForeignColumn, foreignTreesOf } from '../learners/foreign-trees.ts';
import { type LinearTerms, linearTermsOf } from '../learners/logistic.ts';
import { type ModelDocument } from '../learners/protocol.ts';
import { TREE_MODEL_KINDS, treeModelFromDocument } from '../learners/tree-model.ts';
import { type SymmetricTree, type Tree } from '../trees/tree.ts';
import { composeSteps } from './compose-steps.ts';
import { refused } from './place.ts';
import { growTree, type SourceNode } from './source-tree.ts';

export interface ExportableTrees {
  readonly kind: 'trees';
  readonly baseMargin: number;
  readonly trees: readonly Tree[];
  /** The margin is the mean of the trees' leaves, not their sum: the leaves hold shares of it. */
  readonly isForest: boolean;
}

export type Exportable =
  | ExportableTrees
  | { readonly kind: 'linear'; readonly terms: LinearTerms }
  | { readonly kind: 'encoded'; readonly steps: readonly Step[]; readonly inner: Exportable }
  | { readonly kind: 'stack'; readonly members: readonly WeightedMember[]; readonly intercept: number };

export interface WeightedMember {
  readonly weight: number;
  readonly member: Exportable;
}

/** Throws when the model has what no format of ours can say. */
export function exportableOf(document: ModelDocument): Exportable {
  const { kind } = document;
  const treeKind = TREE_MODEL_KINDS.find((known) => known === kind);
  if (treeKind !== undefined) {
    const { baseMargin, trees, symmetric } = treeModelFromDocument(treeKind, document).ensemble;
    const all = symmetric.length > 0 ? symmetric.map(binaryTree) : trees;
    return { kind: 'trees', baseMargin, trees: all, isForest: treeKind !== 'boosting' };
  }
  switch (kind) {
    case 'logistic':
      return { kind: 'linear', terms: linearTermsOf(document) };
    case 'encoded': {
      const inner = exportableOf(readModelDocument(document['model'], 'model'));
      const { steps } = stepsFromDocument(document['encoder']);
      return inner.kind === 'encoded'
        ? { kind, steps: composeSteps(steps, inner.steps), inner: inner.inner }
        : { kind, steps, inner };
    }
    case 'stack': {
      const members = readList(document, 'members').map((member) => exportableOf(readModelDocument(member, 'member')));
      const weights = readFiniteDoubles(document, 'weights', members.length);
      return {
        kind,
        intercept: readNumber(document, 'intercept'),
        // A member of weight 0 says nothing.
        members: members.flatMap((member, index) =>
          weights[index] === 0 ? [] : [{ member, weight: weights[index]! }],
        ),
      };
    }
    case 'foreign-trees':
      return exportableForeign(document);
    default:
      throw refused('model', `of kind ${kind} cannot be exported`);
  }
}

/** Trees learned elsewhere over columns that a table of categories can make. */
function exportableForeign(document: ModelDocument): Exportable {
  const { columns, ensemble } = foreignTreesOf(document);
  const inner: Exportable = { kind: 'trees', baseMargin: ensemble.baseMargin, trees: ensemble.trees, isForest: false };
  if (columns.every((column, place) => column.kind === 'copy' && column.feature === place)) return inner;
  return { kind: 'encoded', steps: columns.map(stepOf), inner };
}

function stepOf(column: ForeignColumn): Step {
  if (column.kind === 'copy') return { source: column.feature, encoding: 'copy' };
  if (column.kind === 'zero-missing')
    throw refused('model', 'takes zeros for missing values, which cannot be exported');
  const keys = Float64Array.from(column.members);
  return { source: column.feature, encoding: 'ordinal', keys, values: keys.map(() => 1), unknown: 0 };
}

/** A symmetric tree as a binary one, node n leading to 2n + 1 and 2n + 2. */
function binaryTree(tree: SymmetricTree): Tree {
  const levels = tree.feature.length;
  const inner = 2 ** levels - 1;
  const total = 2 * inner + 1;
  /** The leaf below a node of the last level: level l sets bit l. */
  const leafOf = (node: number): number => {
    let leaf = 0;
    for (let at = node, level = levels - 1; level >= 0; level--, at = (at - 1) >> 1)
      if (at % 2 === 0) leaf |= 1 << level;
    return leaf;
  };
  const cover = new Float64Array(total);
  for (let node = total - 1; node >= 0; node--) {
    cover[node] = node >= inner ? tree.cover[leafOf(node)]! : cover[2 * node + 1]! + cover[2 * node + 2]!;
  }
  const read = (node: number): SourceNode => {
    if (node >= inner) return { cover: cover[node]!, value: tree.value[leafOf(node)]! };
    const level = 31 - Math.clz32(node + 1);
    return {
      cover: cover[node]!,
      column: tree.feature[level]!,
      threshold: tree.threshold[level]!,
      missingLeft: tree.missingLeft[level] === 1,
      left: 2 * node + 1,
      right: 2 * node + 2,
      gain: tree.gain[level]! / 2 ** level,
    };
  };
  return growTree(total, read, 'symmetric tree');
}
