/** What reading a foreign model gives: the model, and what it wants to be fed. */
import { refused } from './place.ts';
import { type Columns, type Model } from '../learners/protocol.ts';

/** The categories of a feature as the library knew them, and the number the model reads for each. */
export interface ImportedCategories {
  /** Texts, or numbers as text; the model reads the position of the text. */
  readonly texts: readonly string[];
  /** What the model reads for a value that is not among them; NaN is missing. */
  readonly unknown: number;
}

export interface ImportedFeature {
  readonly name: string;
  /** Absent when the model reads the value as it stands. */
  readonly categories?: ImportedCategories;
}

export interface ImportedModel {
  /** In the order in which `model` reads them. */
  readonly features: readonly ImportedFeature[];
  readonly model: Model;
  /**
   * The same model explained against these rows (its features, encoded); absent when the file says itself how training
   * rows divide.
   */
  readonly referredTo?: (rows: Columns) => Model;
}

/** More features than this say that a number is damaged. */
const MOST_FEATURES = 1_000_000;

/** The number of features a file tells, refused when it cannot be one. */
export function featureCountOf(count: number, place: string): number {
  if (Number.isInteger(count) && count > 0 && count <= MOST_FEATURES) return count;
  throw refused(place, `is ${count}, not a number of features`);
}

/** Names of features in a file that has none: the positions. */
export function numberedNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, feature) => `f${feature}`);
}
