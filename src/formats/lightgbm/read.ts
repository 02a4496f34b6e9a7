/** Reads models that LightGBM saved as text. */
import { createForeignTreeModel, type ForeignColumn } from '../../learners/foreign-trees.ts';
import { type Model } from '../../learners/protocol.ts';
import { createTreeModel } from '../../learners/tree-model.ts';
import { type Tree } from '../../trees/tree.ts';
import { nextDouble } from '../float-steps.ts';
import { featureCountOf, type ImportedFeature, type ImportedModel } from '../imported-model.ts';
import { items, parseJson, refused } from '../place.ts';
import { type ColumnList, createColumnList, growTree, MEMBER_THRESHOLD, type SourceNode } from '../source-tree.ts';
import { countIn, type LightgbmText, numbersIn, readSections, type Section, textIn } from './sections.ts';

const VERSIONS = ['v3', 'v4'];

/** Objectives whose raw score ranks fraud; the first word of the header's line. */
const OBJECTIVES = ['binary', 'cross_entropy', 'regression', 'lambdarank', 'rank_xendcg'];

/** Bits of a node's decision type. Source: LightGBM, include/LightGBM/tree.h. */
const CATEGORICAL_BIT = 1;
const DEFAULT_LEFT_BIT = 2;
const MISSING_SHIFT = 2;
const MISSING_MASK = 3;
const MISSING_IS_ZERO = 1;
const MISSING_IS_NAN = 2;
/** Values this close to 0 are zeros; single precision. Source: LightGBM, include/LightGBM/meta.h. */
const ZERO_BOUND = Math.fround(1e-35);

/**
 * Margins are LightGBM's raw scores (of a forest the sum, as there): comparisons in double precision, `x ≤ threshold` kept exactly. Refuses, with the
 * place, what is damaged, and several classes, linear trees and objectives whose score does not rank.
 */
export function readLightgbm(text: string): ImportedModel {
  const file = readSections(text);
  const { header } = file;
  checkKind(header);
  const featureCount = featureCountOf(countIn(header, 'max_feature_idx') + 1, 'header, max_feature_idx');
  const columns = createColumnList(featureCount);
  const trees = file.trees.map((section) => readTree(section, featureCount, columns));
  return { features: featuresOf(file, featureCount), model: modelOf(columns.columns, featureCount, trees) };
}

function checkKind(header: Section): void {
  const version = textIn(header, 'version');
  if (!VERSIONS.includes(version)) {
    throw refused('header, version', `is ${version}; ${VERSIONS.join(' and ')} can be read`);
  }
  if (countIn(header, 'num_class') > 1 || countIn(header, 'num_tree_per_iteration') > 1) {
    throw refused('header, num_class', 'several classes are not supported');
  }
  const objective = header.values.get('objective')?.split(' ')[0];
  if (objective !== undefined && !OBJECTIVES.includes(objective)) {
    throw refused('header, objective', `${objective} is not supported (${OBJECTIVES.join(', ')} are)`);
  }
}

/** A plain tree model where the trees test the features themselves. */
function modelOf(columns: readonly ForeignColumn[], featureCount: number, trees: readonly Tree[]): Model {
  const ensemble = { featureCount: columns.length, baseMargin: 0, trees, symmetric: [] };
  if (columns.length === featureCount) return createTreeModel('boosting', ensemble);
  return createForeignTreeModel({ featureCount, columns, ensemble, rounding: 'float64' });
}

/** Lists of a tree: splits are nodes 0..leaves−2, leaf l is node ~l. */
function readTree(section: Section, featureCount: number, columns: ColumnList): Tree {
  const leaves = countIn(section, 'num_leaves');
  const splits = leaves - 1;
  if (splits < 0) throw refused(section.place, 'has no leaves');
  if ((section.values.get('is_linear') ?? '0') !== '0') throw refused(section.place, 'linear trees are not supported');
  const zeros = (length: number): readonly number[] => new Array<number>(length).fill(0);
  const leafValue = numbersIn(section, 'leaf_value', leaves);
  const leafCover = numbersIn(section, 'leaf_count', leaves, zeros(leaves));
  const list = (name: string): readonly number[] => numbersIn(section, name, splits, splits === 0 ? [] : undefined);
  const [feature, threshold, decision] = [list('split_feature'), list('threshold'), list('decision_type')];
  const [left, right, cover] = [list('left_child'), list('right_child'), list('internal_count')];
  const gain = numbersIn(section, 'split_gain', splits, zeros(splits));
  const setOf = categoriesOf(section);
  /** Leaves are numbered behind the splits. */
  const nodeOf = (child: number): number => (child < 0 ? splits + ~child : child < splits ? child : -1);

  const read = (node: number): SourceNode => {
    if (node >= splits) return { cover: leafCover[node - splits]!, value: leafValue[node - splits]! };
    const tested = feature[node]!;
    if (!Number.isInteger(tested) || tested < 0 || tested >= featureCount) {
      throw refused(`${section.place}, split_feature`, `names feature ${tested} of ${featureCount}`);
    }
    const [below, above] = [nodeOf(left[node]!), nodeOf(right[node]!)];
    const shared = { cover: cover[node]!, gain: gain[node]! };
    if ((decision[node]! & CATEGORICAL_BIT) !== 0) {
      // The categories of the set go left in LightGBM, with us right; a missing value is in no set.
      const column = columns.members(tested, setOf(threshold[node]!));
      return { ...shared, column, threshold: MEMBER_THRESHOLD, missingLeft: true, left: above, right: below };
    }
    const missing = (decision[node]! >> MISSING_SHIFT) & MISSING_MASK;
    const defaultLeft = (decision[node]! & DEFAULT_LEFT_BIT) !== 0;
    return {
      ...shared,
      column: missing === MISSING_IS_ZERO ? columns.zeroMissing(tested, ZERO_BOUND) : tested,
      threshold: nextDouble(threshold[node]!),
      // Where a missing value means nothing of its own it counts as 0.
      missingLeft: missing === MISSING_IS_ZERO || missing === MISSING_IS_NAN ? defaultLeft : threshold[node]! >= 0,
      left: below,
      right: above,
    };
  };
  return growTree(splits + leaves, read, section.place);
}

const WORD_BITS = 32;

/** The categories of set number `index`, from bit words between bounds. */
function categoriesOf(section: Section): (index: number) => readonly number[] {
  const bounds = numbersIn(section, 'cat_boundaries', undefined, []);
  const words = numbersIn(section, 'cat_threshold', undefined, []);
  return (index) => {
    const [from, to] = [bounds[index], bounds[index + 1]];
    if (from === undefined || to === undefined || !(from <= to && to <= words.length)) {
      throw refused(`${section.place}, cat_boundaries`, `has no set ${index}`);
    }
    return words.slice(from, to).flatMap((word, place) =>
      Array.from({ length: WORD_BITS }, (_, bit) => bit)
        .filter((bit) => ((word >>> bit) & 1) === 1)
        .map((bit) => place * WORD_BITS + bit),
    );
  };
}

function featuresOf(file: LightgbmText, count: number): readonly ImportedFeature[] {
  const names = textIn(file.header, 'feature_names').split(' ');
  if (names.length !== count)
    throw refused('header, feature_names', `holds ${names.length} names for ${count} features`);
  const texts = pandasCategories(file);
  const categorical = categoricalFeatures(file);
  if (texts.length > 0 && texts.length !== categorical.length) {
    throw refused(
      'pandas_categorical',
      `lists ${texts.length} features, the model has ${categorical.length} with categories`,
    );
  }
  return names.map((name, feature) => {
    const place = texts.length === 0 ? -1 : categorical.indexOf(feature);
    return place < 0 ? { name } : { name, categories: { texts: texts[place]!, unknown: NaN } };
  });
}

/** Texts of each feature that was a category of a data frame, in the order of the features. */
function pandasCategories({ pandasCategories: json }: LightgbmText): readonly (readonly string[])[] {
  if (json === undefined) return [];
  const place = parseJson(json, 'pandas_categorical');
  if (place.value === null) return [];
  return items(place).map((list) => items(list).map(({ value }) => String(value)));
}

/** Positions of features with categories: as told in training, else those whose values are listed. */
function categoricalFeatures({ header, parameters }: LightgbmText): readonly number[] {
  const told = parameters.get('categorical_feature') ?? '';
  if (told !== '') return told.split(',').map(Number).sort((a, b) => a - b); // prettier-ignore
  const infos = (header.values.get('feature_infos') ?? '').split(' ');
  return infos.flatMap((info, feature) => (/^-?\d+(:|$)/.test(info) ? [feature] : []));
}
