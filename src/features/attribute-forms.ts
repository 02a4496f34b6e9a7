/** One attribute of a payment in one form: a number, or the text of a category. */
import { type CategoryForm, type NumericForm } from '../domain/attribute-feature.ts';
import { DAY_MS } from '../domain/time.ts';
import { type AttributeValue } from '../domain/transaction.ts';

interface Form<T> {
  readonly formula: (attribute: string) => string;
  readonly read: T;
}

/** The value, NaN when the attribute is absent or not of the kind; `timeMs` is the payment's time. */
type ReadNumber = (value: AttributeValue | undefined, timeMs: number) => number;
/** The text, undefined when the attribute is absent or does not hold one. */
type ReadText = (value: AttributeValue | undefined) => string | undefined;

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

const asText: ReadText = (value) => (value === undefined ? undefined : String(value).toLowerCase());

/** What a model of device begins with, by its maker. Source: the makers' model numbers in user agents. */
const DEVICE_MAKERS: readonly (readonly [maker: string, beginnings: RegExp])[] = [
  ['samsung', /^(samsung|sm-|gt-|sgh-|sch-)/],
  ['apple', /^(ios|macos|iphone|ipad|mac os)/],
  ['microsoft', /^(windows|trident|rv:|win|lumia|microsoft)/],
  ['motorola', /^(moto|xt\d)/],
  ['lg', /^(lg|lgls|lm-|vs\d)/],
  ['huawei', /^(huawei|ale-|[a-z]{3}-(al|l|tl)\d|hi6210)/],
  ['xiaomi', /^(xiaomi|redmi|mi )/],
  ['zte', /^(zte|z\d{3}|blade)/],
  ['sony', /^(sony|xperia|[c-g]\d{4}\b)/],
  ['htc', /^htc/],
  ['google', /^(pixel|nexus)/],
  ['asus', /^asus/],
  ['linux', /^linux/],
];

/** The name before versions and numbers: `chrome 62.0 for android` is chrome, `mac os x 10_11_6` mac os x. */
function withoutVersion(text: string): string {
  return /^[^\d]*/.exec(text)![0].trim() || text;
}

/** The part of a domain before or behind its first point; a text without one is all before. */
function domainPart(value: AttributeValue | undefined, part: 'before' | 'behind'): string | undefined {
  const text = asText(value);
  const point = text?.indexOf('.') ?? -1;
  if (text === undefined || point < 0) return part === 'before' ? text : undefined;
  return part === 'before' ? text.slice(0, point) : text.slice(point + 1);
}

export const CATEGORY: Readonly<Record<CategoryForm, Form<ReadText>>> = {
  category: {
    formula: (attribute) => `32-bit hash of attribute ${attribute}`,
    read: asText,
  },
  email_vendor: {
    formula: (attribute) => `32-bit hash of ${attribute} before its first point`,
    read: (value) => domainPart(value, 'before'),
  },
  email_suffix: {
    formula: (attribute) => `32-bit hash of ${attribute} behind its first point`,
    read: (value) => domainPart(value, 'behind'),
  },
  device_vendor: {
    formula: (attribute) =>
      `32-bit hash of the maker of the device that attribute ${attribute} names, other when unknown`,
    read: (value) => {
      const text = asText(value);
      if (text === undefined) return undefined;
      return DEVICE_MAKERS.find(([, beginnings]) => beginnings.test(text))?.[0] ?? 'other';
    },
  },
  system: {
    formula: (attribute) => `32-bit hash of the operating system in attribute ${attribute}, without its version`,
    read: (value) => {
      const text = asText(value);
      return text === undefined ? undefined : withoutVersion(text);
    },
  },
  browser: {
    formula: (attribute) => `32-bit hash of the browser in attribute ${attribute}, without its version`,
    read: (value) => {
      const text = asText(value);
      return text === undefined ? undefined : withoutVersion(text);
    },
  },
};
