/** The part of the vector that a mapping declares: attributes of the payment, each in one form. */
import { type AttributeFeature, type CategoryForm, type NumericForm } from '../domain/attribute-feature.ts';
import { attributeOf, attributeText } from '../domain/attribute-text.ts';
import { DAY_MS, formatRfc3339 } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';
import { CATEGORY_FORMULAS, NUMERIC } from './attribute-forms.ts';
import { type Feature, type FeatureGroup } from './context.ts';
import { hash32 } from './hash.ts';
import { money, round } from './phrases.ts';

/** Writes the attribute features of a payment at `timeMs` into `out` from `at` on. */
export type WriteAttributes = (transaction: Transaction, timeMs: number, out: Float64Array, at: number) => void;

const isNumeric = (form: AttributeFeature['form']): form is NumericForm => Object.hasOwn(NUMERIC, form);

const MISSING = { family: 'attributes', whenEmpty: NaN, whenMissing: NaN } as const;

function numericFeature(name: string, attribute: string, form: NumericForm): Feature {
  const { unit, formula } = NUMERIC[form];
  return {
    ...MISSING,
    name,
    unit,
    formula: formula(attribute),
    kind: 'numeric',
    description: form === 'number' ? `Attribute ${attribute} of the payment.` : `The ${words(form)} in ${attribute}.`,
    say: (value) => `${name} is ${form === 'first_day' ? dayText(value) : numberText(value)}`,
  };
}

function categoryFeature(name: string, attribute: string, form: CategoryForm): Feature {
  return {
    ...MISSING,
    name,
    unit: 'hash',
    formula: CATEGORY_FORMULAS[form](attribute),
    kind: 'category',
    category: { attribute, form },
    description: form === 'category' ? `Attribute ${attribute} of the payment.` : `The ${words(form)} in ${attribute}.`,
    say: (_value, { transaction }) => {
      const text = transaction && attributeText(transaction, { attribute, form });
      return text === undefined ? `${name} of this payment` : `${name} is ${text}`;
    },
  };
}

const words = (form: string): string => form.replaceAll('_', ' ');
const dayText = (day: number): string => formatRfc3339(Math.floor(day) * DAY_MS).slice(0, 10);
const numberText = (value: number): string => (Math.abs(value) < 10 ? money(value) : round(value));

/** How to write the features, in their order. */
export function attributeWriter(features: readonly AttributeFeature[]): WriteAttributes {
  const readers = features.map(({ attribute, form }): ((transaction: Transaction, timeMs: number) => number) => {
    if (isNumeric(form)) {
      const { read } = NUMERIC[form];
      return (transaction, timeMs) => read(attributeOf(transaction, attribute), timeMs);
    }
    return (transaction) => {
      const text = attributeText(transaction, { attribute, form });
      return text === undefined ? NaN : hash32(text);
    };
  });
  return (transaction, timeMs, out, at) => {
    for (let i = 0; i < readers.length; i++) out[at + i] = readers[i]!(transaction, timeMs);
  };
}

/** The features as a part of a catalogue. */
export function attributeGroup(features: readonly AttributeFeature[]): FeatureGroup {
  const write = attributeWriter(features);
  return {
    features: features.map(({ name, attribute, form }) =>
      isNumeric(form) ? numericFeature(name, attribute, form) : categoryFeature(name, attribute, form),
    ),
    write: ({ transaction, timeMs }, out, at) => write(transaction, timeMs, out, at),
  };
}
