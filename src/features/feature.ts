/** What the catalogue says of one feature. */
import { type AttributeCategory } from '../domain/attribute-text.ts';
import { type EntityKind } from '../domain/entity.ts';

export const FAMILIES = [
  'transaction',
  'temporal',
  'velocity',
  'amount',
  'novelty',
  'geography',
  'diversity',
  'risk',
  'encodings',
  'interactions',
  'attributes',
] as const;
export type FeatureFamily = (typeof FAMILIES)[number];

export interface FeatureDefinition {
  readonly name: string;
  readonly family: FeatureFamily;
  /** Whose history it reads; absent when it reads the payment alone. */
  readonly entity?: EntityKind;
  /** Length of history read, milliseconds; absent when none. */
  readonly windowMs?: number;
  /** It comes round after this long, milliseconds, being read from the calendar alone; absent when it does not. */
  readonly cycleMs?: number;
  readonly unit: string;
  readonly formula: string;
  /** `numeric` values are used as they stand; `category` values are 32-bit hashes of the text, encoded by the model. */
  readonly kind: 'numeric' | 'category';
  /** The attribute that holds the text of a category; absent when a field of the payment does. */
  readonly category?: AttributeCategory;
  /** The value when the entity has no history (a number, or NaN for missing). */
  readonly whenEmpty: number;
  /** The value when the payment lacks a field it needs. */
  readonly whenMissing: number;
  /** One sentence for people. */
  readonly description: string;
}

/** Minor units in one major unit of the base currency. */
export const MINOR_PER_MAJOR = 100;
