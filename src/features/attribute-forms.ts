/** One attribute of a payment in one form: how a number is read, and how each form is put in a formula. */
import { type CategoryForm, type NumericForm } from '../domain/attribute-feature.ts';
import { DAY_MS } from '../domain/time.ts';
import { type AttributeValue } from '../domain/transaction.ts';

interface Form<T> {
  readonly formula: (attribute: string) => string;
  readonly read: T;
}

/** The value, NaN when the attribute is absent or not of the kind; `timeMs` is the payment's time. */
type ReadNumber = (value: AttributeValue | undefined, timeMs: number) => number;

const THOUSANDTHS = 1_000;

function asNumber(value: AttributeValue | undefined): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : NaN;
  return typeof value === 'boolean' ? Number(value) : NaN;
}

/** The two numbers of `1920x1080`. */
function side(value: AttributeValue | undefined, part: 1 | 2): number {
  const found = typeof value === 'string' ? /^(\d{1,5})x(\d{1,5})$/.exec(value) : null;
  return found === null ? NaN : Number(found[part]);
}

export const NUMERIC: Readonly<Record<NumericForm, Form<ReadNumber> & { readonly unit: string }>> = {
  number: {
    unit: 'as sent',
    formula: (attribute) => `attribute ${attribute}; true is 1, false 0`,
    read: asNumber,
  },
  fraction: {
    unit: 'thousandths',
    formula: (attribute) => `digits of attribute ${attribute} behind the point, in thousandths`,
    read: (value) => {
      const number = asNumber(value);
      return Math.round((number - Math.floor(number)) * THOUSANDTHS) % THOUSANDTHS;
    },
  },
  first_day: {
    unit: 'day since 1970',
    formula: (attribute) => `day of the payment − attribute ${attribute}`,
    read: (value, timeMs) => Math.floor(timeMs / DAY_MS) - asNumber(value),
  },
  width: {
    unit: 'pixels',
    formula: (attribute) => `first number of attribute ${attribute}, such as 1920x1080`,
    read: (value) => side(value, 1),
  },
  height: {
    unit: 'pixels',
    formula: (attribute) => `second number of attribute ${attribute}, such as 1920x1080`,
    read: (value) => side(value, 2),
  },
};

/** How each category is said to be made. */
export const CATEGORY_FORMULAS: Readonly<Record<CategoryForm, (attribute: string) => string>> = {
  category: (attribute) => `32-bit hash of attribute ${attribute}`,
  email_vendor: (attribute) => `32-bit hash of ${attribute} before its first point`,
  email_suffix: (attribute) => `32-bit hash of ${attribute} behind its first point`,
  device_vendor: (attribute) =>
    `32-bit hash of the maker of the device that attribute ${attribute} names, other when unknown`,
  system: (attribute) => `32-bit hash of the operating system in attribute ${attribute}, without its version`,
  browser: (attribute) => `32-bit hash of the browser in attribute ${attribute}, without its version`,
};
