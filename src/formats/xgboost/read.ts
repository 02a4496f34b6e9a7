/** Reads models that XGBoost saved as JSON or UBJSON. */
import { createForeignTreeModel } from '../../learners/foreign-trees.ts';
import { encoderFromDocument } from '../../learners/encoder.ts';
import { createEncodedModel } from '../../learners/encoded-model.ts';
import { type Model } from '../../learners/protocol.ts';
import { log } from '../../stats/elementary.ts';
import { type Tree } from '../../trees/tree.ts';
import { firstRoundingTo } from '../float-steps.ts';
import { featureCountOf, type ImportedFeature, type ImportedModel, numberedNames } from '../imported-model.ts';
import {
  findMember,
  items,
  member,
  numberInText,
  numbersOf,
  parseJson,
  type Place,
  refused,
  textOf,
} from '../place.ts';
import { type ColumnList, createColumnList, growTree, MEMBER_THRESHOLD } from '../source-tree.ts';
import { BEST_ROUND_ATTRIBUTE, ENCODER_ATTRIBUTE, FEATURES_ATTRIBUTE, WRAPPER_ATTRIBUTE } from './attributes.ts';
import { readCategories } from './categories.ts';
import { isUbjson, parseUbjson } from './ubjson.ts';

/** The first version that writes JSON of this shape. */
const OLDEST_MAJOR = 1;
const NEWEST_MAJOR = 3;

/** What margin the base score of an objective stands for. */
const BASE_MARGINS: Readonly<Record<string, (score: number, place: string) => number>> = {
  'binary:logistic': logOdds,
  'reg:logistic': logOdds,
  'binary:logitraw': (score) => score,
  'reg:squarederror': (score) => score,
  'rank:pairwise': (score) => score,
  'rank:ndcg': (score) => score,
  'rank:map': (score) => score,
};

/** Rounded step by step as XGBoost does. */
function logOdds(probability: number, place: string): number {
  if (!(probability > 0 && probability < 1)) throw refused(place, `is ${probability}, not a probability`);
  return Math.fround(-log(Math.fround(Math.fround(1 / probability) - 1)));
}

/**
 * Margins are equal to XGBoost's bit for bit: thresholds, leaves and inputs are single-precision numbers, the sum is
 * rounded after every tree. Refuses, with the place, what is damaged, and several outputs, linear boosters and
 * objectives whose margin is no log-odds or ranking score.
 */
export function readXgboost(file: string | Uint8Array): ImportedModel {
  const root = rootOf(file);
  checkVersion(member(root, 'version'));
  const learner = member(root, 'learner');
  const parameters = member(learner, 'learner_model_param');
  const counted = member(parameters, 'num_feature');
  const featureCount = featureCountOf(numberInText(counted), counted.path);
  for (const [name, most] of [
    ['num_class', 1],
    ['num_target', 1],
  ] as const) {
    // prettier-ignore
    const place = findMember(parameters, name);
    if (place !== undefined && numberInText(place) > most)
      throw refused(place.path, 'several outputs are not supported');
  }
  const booster = member(learner, 'gradient_booster');
  const model = modelOf(booster);
  const columns = createColumnList(featureCount);
  const weights = weightsOf(booster);
  const trees = items(member(model, 'trees')).map((tree, index) => readTree(tree, columns, weights?.[index]));
  const told = numberInText(member(model, 'gbtree_model_param', 'num_trees'));
  if (told !== trees.length) throw refused(model.path, `counts ${told} trees and holds ${trees.length}`);
  if (weights !== undefined && weights.length !== trees.length) {
    throw refused(booster.path, `weighs ${weights.length} trees and holds ${trees.length}`);
  }
  const scoring = trees.slice(0, treesThatScore(learner, model));
  const read = createForeignTreeModel({
    featureCount,
    columns: columns.columns,
    ensemble: {
      featureCount: columns.columns.length,
      baseMargin: baseMarginOf(learner),
      trees: scoring,
      symmetric: [],
    },
    rounding: 'float32',
  });
  return ownEncoding(learner, read) ?? { features: featuresOf(learner, model, featureCount), model: read };
}

/** A model that was ours, with the encoder it was written with; undefined for others. */
function ownEncoding(learner: Place, model: Model): ImportedModel | undefined {
  const attributes = findMember(learner, 'attributes');
  const encoder = attributes && findMember(attributes, ENCODER_ATTRIBUTE);
  if (attributes === undefined || encoder === undefined) return undefined;
  const names = member(attributes, FEATURES_ATTRIBUTE);
  return {
    features: items(parseJson(textOf(names), names.path)).map((name) => ({ name: textOf(name) })),
    model: createEncodedModel(encoderFromDocument(parseJson(textOf(encoder), encoder.path).value), model),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function rootOf(file: string | Uint8Array): Place {
  if (typeof file === 'string') return parseJson(file, 'model');
  return isUbjson(file) ? parseUbjson(file, 'model') : parseJson(utf8.decode(file), 'model');
}

function checkVersion(place: Place): void {
  const [major = NaN] = numbersOf(place);
  if (major >= OLDEST_MAJOR && major <= NEWEST_MAJOR) return;
  throw refused(place.path, `is ${major}; XGBoost ${OLDEST_MAJOR} to ${NEWEST_MAJOR} can be read`);
}

function modelOf(booster: Place): Place {
  const name = textOf(member(booster, 'name'));
  if (name === 'gbtree') return member(booster, 'model');
  if (name === 'dart') return member(booster, 'gbtree', 'model');
  throw refused(`${booster.path}.name`, `booster ${name} is not supported (gbtree and dart are)`);
}

/** What each tree of a booster with drop-out counts; absent in others. */
function weightsOf(booster: Place): readonly number[] | undefined {
  const weights = findMember(booster, 'weight_drop');
  return weights && numbersOf(weights).map(Math.fround);
}

/**
 * All trees, unless a wrapper for scikit-learn saved a training that stopped early: it scores with the rounds up to the
 * best one, which a booster by itself does not. Source: XGBoost, python-package/xgboost/sklearn.py, predict.
 */
function treesThatScore(learner: Place, model: Place): number | undefined {
  const attributes = findMember(learner, 'attributes');
  const best = attributes && findMember(attributes, BEST_ROUND_ATTRIBUTE);
  if (best === undefined || findMember(attributes!, WRAPPER_ATTRIBUTE) === undefined) return undefined;
  const round = numberInText(best);
  if (!Number.isInteger(round) || round < 0) throw refused(best.path, `is ${round}, not a round`);
  const perRound = findMember(member(model, 'gbtree_model_param'), 'num_parallel_tree');
  return (round + 1) * Math.max(1, perRound === undefined ? 1 : numberInText(perRound));
}

function baseMarginOf(learner: Place): number {
  const objective = member(learner, 'objective', 'name');
  const toMargin = BASE_MARGINS[textOf(objective)];
  if (toMargin === undefined) {
    const known = Object.keys(BASE_MARGINS).join(', ');
    throw refused(objective.path, `objective ${textOf(objective)} is not supported (${known} are)`);
  }
  const place = member(learner, 'learner_model_param', 'base_score');
  // One number, from version 3.1 on in brackets.
  const text = textOf(place).replace(/^\[(.*)\]$/, '$1');
  return toMargin(Math.fround(numberInText({ path: place.path, value: text })), place.path);
}

function featuresOf(learner: Place, model: Place, count: number): readonly ImportedFeature[] {
  const given = findMember(learner, 'feature_names');
  const names = given === undefined ? [] : items(given).map(textOf);
  if (names.length !== 0 && names.length !== count) {
    throw refused(`${learner.path}.feature_names`, `holds ${names.length} names for ${count} features`);
  }
  const cats = findMember(model, 'cats');
  const categories = cats === undefined ? [] : readCategories(cats, count);
  return (names.length === 0 ? numberedNames(count) : names).map((name, feature) => {
    const texts = categories[feature];
    // A code in no set goes left everywhere, as XGBoost has it.
    return texts === undefined ? { name } : { name, categories: { texts, unknown: -1 } };
  });
}

/** Node lists of a tree, all of one length. */
function readTree(place: Place, columns: ColumnList, weight: number | undefined): Tree {
  const parameters = member(place, 'tree_param');
  const count = numberInText(member(parameters, 'num_nodes'));
  const vector = findMember(parameters, 'size_leaf_vector');
  if (vector !== undefined && numberInText(vector) > 1)
    throw refused(vector.path, 'leaves of several values are not supported');
  if (!(count >= 1)) throw refused(parameters.path, 'counts no nodes');
  const list = (name: string): readonly number[] => numbersOf(member(place, name), count);
  const flags = (name: string): readonly number[] => items(member(place, name)).map(({ value }) => Number(value)); // 0 and 1, in some versions true and false
  const [left, right, condition] = [list('left_children'), list('right_children'), list('split_conditions')];
  const feature = list('split_indices');
  const [cover, gain] = [list('sum_hessian').map(Math.fround), list('loss_changes').map(Math.fround)];
  const defaultLeft = flags('default_left');
  const isCategorical = findMember(place, 'split_type') === undefined ? [] : flags('split_type');
  const sets = setsOf(place);
  const featureCount = columns.columns.filter(({ kind }) => kind === 'copy').length;
  return growTree(
    count,
    (node) => {
      if (left[node] === -1) {
        const value = Math.fround(condition[node]!);
        return { cover: cover[node]!, value: weight === undefined ? value : Math.fround(weight * value) };
      }
      const tested = feature[node]!;
      if (!Number.isInteger(tested) || tested < 0 || tested >= featureCount) {
        throw refused(`${place.path}.split_indices[${node}]`, `names feature ${tested} of ${featureCount}`);
      }
      const set = isCategorical[node] === 1 ? sets.get(node) : undefined;
      if (isCategorical[node] === 1 && set === undefined) {
        throw refused(`${place.path}.categories_nodes`, `has no categories for node ${node}`);
      }
      return {
        cover: cover[node]!,
        column: set === undefined ? tested : columns.members(tested, set),
        threshold: set === undefined ? firstRoundingTo(Math.fround(condition[node]!)) : MEMBER_THRESHOLD,
        missingLeft: defaultLeft[node] === 1,
        left: left[node]!,
        right: right[node]!,
        gain: gain[node]!,
      };
    },
    place.path,
  );
}

/** Categories that go right, by node. */
function setsOf(place: Place): ReadonlyMap<number, readonly number[]> {
  const nodes = findMember(place, 'categories_nodes');
  if (nodes === undefined) return new Map();
  const categories = numbersOf(member(place, 'categories'));
  const starts = numbersOf(member(place, 'categories_segments'));
  const sizes = numbersOf(member(place, 'categories_sizes'));
  return new Map(
    numbersOf(nodes).map((node, index) => {
      const set = categories.slice(starts[index], starts[index]! + sizes[index]!);
      if (set.length !== sizes[index]) throw refused(`${place.path}.categories`, `is too short for node ${node}`);
      return [node, set];
    }),
  );
}
