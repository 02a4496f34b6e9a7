/** Trees over columns made from the features as a model: sets of categories, zeros that mean missing, single precision. */
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

const ROUNDINGS = ['float64', 'float32'] as const;

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
  const cells = new Float64Array(columns.length);
  const fillers = blocksOf(columns).map((block) => fillerOf(block, cells));
  let scorer: RowScorer | undefined;
  let unrounded: RowScorer | undefined;
  let explainer: Explainer | undefined;

  const fill = (row: Float64Array, offset: number): void => {
    for (let block = 0; block < fillers.length; block++) fillers[block]!(row, offset);
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

/** Columns from `from` to `to`, all of one kind; those of sets are of one feature. */
interface Block {
  readonly from: number;
  readonly columns: ForeignColumn[];
}

function blocksOf(columns: readonly ForeignColumn[]): readonly Block[] {
  const blocks: Block[] = [];
  columns.forEach((column, from) => {
    const last = blocks.at(-1);
    const before = last?.columns.at(-1);
    const joins = before?.kind === column.kind && (column.kind !== 'member' || before.feature === column.feature);
    if (joins) last!.columns.push(column);
    else blocks.push({ from, columns: [column] });
  });
  return blocks;
}

/** Writes the cells of a block. */
function fillerOf({ from, columns }: Block, cells: Float64Array): (row: Float64Array, offset: number) => void {
  const { kind, feature } = columns[0]!;
  if (kind === 'member') {
    const sets = columns.flatMap((column) => (column.kind === 'member' ? [column.members] : []));
    return memberFiller(from, feature, sets, cells);
  }
  const owners = Int32Array.from(columns, (column) => column.feature);
  const bounds = Float64Array.from(columns, (column) => (column.kind === 'zero-missing' ? column.bound : NaN));
  return (row, offset) => {
    for (let place = 0; place < owners.length; place++) {
      const x = row[offset + owners[place]!]!;
      cells[from + place] = Math.abs(x) <= bounds[place]! ? NaN : x;
    }
  };
}

/** Cells of up to this many codes and sets are tabled: 8 MB. */
const MOST_TABLED = 2 ** 20;

/** All sets of one feature: the cells of a code are a row of a table, where it is not too large. */
function memberFiller(
  from: number,
  feature: number,
  sets: readonly Int32Array[],
  cells: Float64Array,
): (row: Float64Array, offset: number) => void {
  const width = sets.length;
  const codes = 1 + sets.reduce((most, members) => members.reduce((a, b) => Math.max(a, b), most), -1);
  const isTabled = codes * width <= MOST_TABLED;
  const table = new Float64Array(isTabled ? codes * width : 0);
  const known = sets.map((members) => new Set(members));
  if (isTabled) known.forEach((members, place) => members.forEach((code) => (table[code * width + place] = 1)));
  return (row, offset) => {
    const x = row[offset + feature]!;
    const code = x >= 0 ? Math.trunc(x) : codes;
    if (x !== x) cells.fill(NaN, from, from + width);
    else if (code >= codes) cells.fill(0, from, from + width);
    else if (isTabled) for (let place = 0; place < width; place++) cells[from + place] = table[code * width + place]!;
    else for (let place = 0; place < width; place++) cells[from + place] = known[place]!.has(code) ? 1 : 0;
  };
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
