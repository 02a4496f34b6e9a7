/** Trees learned elsewhere as a model: tests on categories, zeros that mean missing, sums in single precision. */
import { type Explainer } from '../trees/explanation.ts';
import { createPathExplainer } from '../trees/path-shap.ts';
import { createFloat32Scorer, createScorer, type RowScorer } from '../trees/predict.ts';
import { gainByFeature, type TreeEnsemble } from '../trees/tree.ts';
import {
  damaged,
  packIntegers,
  readChoice,
  readCount,
  readIntegers,
  readList,
  readNumber,
  readObject,
} from './fields.ts';
import { type Model, type ModelDocument } from './protocol.ts';
import { createTreeModel, treeModelFromDocument } from './tree-model.ts';

/** How a column that the trees test is made from a feature. */
export type ForeignColumn =
  | { readonly kind: 'copy'; readonly feature: number }
  /** Values from −`bound` to `bound` are missing. */
  | { readonly kind: 'zero-missing'; readonly feature: number; readonly bound: number }
  /** 1 when the whole part of the value, if not negative, is among `members`, else 0. */
  | { readonly kind: 'member'; readonly feature: number; readonly members: Int32Array };

export const ROUNDINGS = ['float64', 'float32'] as const;

export interface ForeignTrees {
  readonly featureCount: number;
  readonly columns: readonly ForeignColumn[];
  /** Binary trees over the columns. */
  readonly ensemble: TreeEnsemble;
  /** What the sum is rounded to after every tree. */
  readonly rounding: (typeof ROUNDINGS)[number];
}

/**
 * Contributions are the Shapley values of features, not of columns. What rounding the sum to single precision adds
 * (some 1e-7) is counted with the expected margin, so that contributions still add up to the margin.
 */
export function createForeignTreeModel(foreign: ForeignTrees): Model {
  const { featureCount, columns, ensemble, rounding } = foreign;
  const owners = Int32Array.from(columns, ({ feature }) => feature);
  const fillers = columns.map(fillerOf);
  const cells = new Float64Array(columns.length);
  let scorer: RowScorer | undefined;
  let unrounded: RowScorer | undefined;
  let explainer: Explainer | undefined;

  const fill = (row: Float64Array, offset: number): void => {
    for (let column = 0; column < cells.length; column++)
      cells[column] = fillers[column]!(row[offset + owners[column]!]!);
  };
  const score = (): number =>
    (scorer ??= rounding === 'float32' ? createFloat32Scorer(ensemble) : createScorer(ensemble))(cells, 0);

  return {
    kind: 'foreign-trees',
    featureCount,
    margin(row, offset = 0) {
      fill(row, offset);
      return score();
    },
    addContributions(row, out, weight) {
      fill(row, 0);
      explainer ??= createPathExplainer(ensemble, owners);
      unrounded ??= createScorer(ensemble);
      explainer.add(cells, 0, out, weight);
      const roundingError = rounding === 'float32' ? score() - unrounded(cells, 0) : 0;
      return weight * (explainer.expectedMargin + roundingError);
    },
    importance() {
      const importance = new Float64Array(featureCount);
      gainByFeature(ensemble).forEach((gain, column) => {
        importance[owners[column]!] = importance[owners[column]!]! + gain;
      });
      return importance;
    },
    toDocument: () => ({
      kind: 'foreign-trees',
      featureCount,
      rounding,
      columns: columns.map(columnDocument),
      trees: createTreeModel('boosting', ensemble).toDocument(),
    }),
  };
}

function fillerOf(column: ForeignColumn): (x: number) => number {
  switch (column.kind) {
    case 'copy':
      return (x) => x;
    case 'zero-missing': {
      const { bound } = column;
      return (x) => (Math.abs(x) <= bound ? NaN : x);
    }
    case 'member': {
      const members = new Set(column.members);
      return (x) => (x !== x ? NaN : x >= 0 && members.has(Math.trunc(x)) ? 1 : 0);
    }
  }
}

function columnDocument(column: ForeignColumn): Readonly<Record<string, unknown>> {
  return column.kind === 'member' ? { ...column, members: packIntegers(column.members) } : column;
}

/** The model of a document written by `toDocument`; throws when a field is damaged. */
export function foreignTreesFromDocument(document: ModelDocument): Model {
  return createForeignTreeModel(foreignTreesOf(document));
}

/** What the model of a document is made of. */
export function foreignTreesOf(document: ModelDocument): ForeignTrees {
  const featureCount = readCount(document, 'featureCount');
  const columns = readList(document, 'columns').map((item, index): ForeignColumn => {
    const fields = readObject(item, `column ${index}`);
    const kind = readChoice(fields, 'kind', ['copy', 'zero-missing', 'member']);
    const feature = readCount(fields, 'feature');
    if (feature >= featureCount) throw damaged('feature', `names feature ${feature} of ${featureCount}`);
    if (kind === 'copy') return { kind, feature };
    if (kind === 'member') return { kind, feature, members: readIntegers(fields, 'members') };
    return { kind, feature, bound: readNumber(fields, 'bound') };
  });
  const trees = readObject(document['trees'], 'trees');
  const { ensemble } = treeModelFromDocument('boosting', { ...trees, kind: 'boosting', featureCount: columns.length });
  if (ensemble.symmetric.length > 0) throw damaged('symmetric', 'is not empty');
  return {
    featureCount,
    columns,
    ensemble,
    rounding: readChoice(document, 'rounding', ROUNDINGS),
  };
}
