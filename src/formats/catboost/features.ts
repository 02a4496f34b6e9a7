/** The features of a CatBoost model, and the tests that its trees make on them. */
import { firstRoundingTo, nextSingle } from '../float-steps.ts';
import { type ImportedFeature } from '../imported-model.ts';
import { findMember, indexOf, items, member, numberOf, type Place, refused, textOf } from '../place.ts';

/** A missing value is below all borders, above all, or, where training saw none, compares as NaN: not above any. */
const NAN_TREATMENTS: Readonly<Record<string, 'left' | 'right'>> = { AsFalse: 'left', AsTrue: 'right', AsIs: 'left' };

interface FloatFeature {
  /** Position among all features. */
  readonly feature: number;
  readonly missing: 'left' | 'right';
}

export interface CatboostFeatures {
  /** All features in the order the model was trained on. */
  readonly named: readonly ImportedFeature[];
  readonly floats: readonly FloatFeature[];
  /** Positions of categorical features. */
  readonly categorical: readonly number[];
  /** Position of each known category text, by CatBoost's 32-bit hash. */
  readonly codes: ReadonlyMap<number, number>;
}

/** `above`: right when `x ≥ threshold`. `member`: right when the category has this code. */
export type Test =
  | { readonly kind: 'above'; readonly feature: number; readonly threshold: number; readonly missingLeft: boolean }
  | { readonly kind: 'member'; readonly feature: number; readonly code: number };

export function readFeatures(info: Place): CatboostFeatures {
  for (const kind of ['text_features', 'embedding_features']) {
    const place = findMember(info, kind);
    if (place !== undefined && items(place).length > 0) throw refused(place.path, 'such features are not supported');
  }
  const listOf = (name: string): readonly Place[] => {
    const place = findMember(info, name);
    // `null` where a model without categories was saved with the pool it was trained on.
    return place === undefined || place.value === null ? [] : items(place);
  };
  const [floatPlaces, categoricalPlaces] = [listOf('float_features'), listOf('categorical_features')];
  const count = floatPlaces.length + categoricalPlaces.length;
  const hashes = listOf('cat_features_hash');
  const texts = hashes.map((entry) => textOf(member(entry, 'value')));
  const named: ImportedFeature[] = Array.from({ length: count });
  const take = (place: Place, categories: boolean): number => {
    const flat = indexOf(member(place, 'flat_feature_index'), count, 'feature');
    if (named[flat] !== undefined) throw refused(place.path, `is feature ${flat}, as another one is`);
    const name = nameOf(place, flat);
    // −1 is the code of no category: a text that training did not see passes no test.
    named[flat] = categories ? { name, categories: { texts, unknown: -1 } } : { name };
    return flat;
  };
  const floats = floatPlaces.map((place) => ({ feature: take(place, false), missing: treatmentOf(place) }));
  const categorical = categoricalPlaces.map((place) => take(place, true));
  const statistics = findMember(info, 'ctrs');
  if (statistics !== undefined) refuseTargetStatistics(statistics, categorical.map((feature) => named[feature]!)); // prettier-ignore
  return {
    floats,
    categorical,
    named,
    codes: new Map(hashes.map((entry, code) => [numberOf(member(entry, 'hash')) >>> 0, code])),
  };
}

function nameOf(place: Place, flat: number): string {
  for (const field of ['feature_name', 'feature_id']) {
    const found = findMember(place, field);
    if (found !== undefined && typeof found.value === 'string' && found.value !== '') return found.value;
  }
  return `f${flat}`;
}

function treatmentOf(place: Place): 'left' | 'right' {
  const found = member(place, 'nan_value_treatment');
  const treatment = NAN_TREATMENTS[textOf(found)];
  if (treatment === undefined) throw refused(found.path, `is ${textOf(found)}, which is not known`);
  return treatment;
}

/** Inputs are single-precision numbers: `x > border` is `x ≥` the next one. */
export function readTest(split: Place, features: CatboostFeatures): Test {
  const type = textOf(member(split, 'split_type'));
  if (type === 'FloatFeature') {
    const { floats } = features;
    const float = floats[indexOf(member(split, 'float_feature_index'), floats.length, 'float feature')]!;
    const border = Math.fround(numberOf(member(split, 'border')));
    const threshold = firstRoundingTo(nextSingle(border));
    return { kind: 'above', feature: float.feature, threshold, missingLeft: float.missing === 'left' };
  }
  if (type === 'OneHotFeature') {
    const { categorical, codes } = features;
    const feature =
      categorical[indexOf(member(split, 'cat_feature_index'), categorical.length, 'categorical feature')]!;
    const value = member(split, 'value');
    const code = codes.get(numberOf(value) >>> 0);
    if (code !== undefined) return { kind: 'member', feature, code };
    const problem = `${features.named[feature]!.name} is tested for a category whose text the file lacks; save with pool=`;
    throw refused(value.path, problem);
  }
  throw refused(split.path, `split type ${type} is not supported`);
}

/** Refuses a model that needs statistics of its training's labels, naming the features they are made of. */
function refuseTargetStatistics(place: Place, categorical: readonly ImportedFeature[]): void {
  const names = items(place).flatMap((statistic) =>
    items(member(statistic, 'elements')).flatMap((element) => {
      const index = findMember(element, 'cat_feature_index');
      return index === undefined ? [] : [categorical[indexOf(index, categorical.length, 'categorical feature')]!.name];
    }),
  );
  if (names.length === 0) return;
  const problem = `needs target statistics (ctr) of ${[...new Set(names)].join(', ')}, which are not supported`;
  throw refused(place.path, `${problem}; train with one_hot_max_size at least the number of its categories`);
}
