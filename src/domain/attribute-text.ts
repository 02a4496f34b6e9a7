/** The text that an attribute of a payment holds as a category. */
import { type CategoryForm } from './attribute-feature.ts';
import { type AttributeValue, type Transaction } from './transaction.ts';

/** The text, undefined when the attribute is absent or does not hold one. */
type ReadText = (value: AttributeValue | undefined) => string | undefined;

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

const READ: Readonly<Record<CategoryForm, ReadText>> = {
  category: asText,
  email_vendor: (value) => domainPart(value, 'before'),
  email_suffix: (value) => domainPart(value, 'behind'),
  device_vendor: (value) => {
    const text = asText(value);
    if (text === undefined) return undefined;
    return DEVICE_MAKERS.find(([, beginnings]) => beginnings.test(text))?.[0] ?? 'other';
  },
  system: nameOnly,
  browser: nameOnly,
};

function nameOnly(value: AttributeValue | undefined): string | undefined {
  const text = asText(value);
  return text === undefined ? undefined : withoutVersion(text);
}

/** What a category is read from. */
export interface AttributeCategory {
  readonly attribute: string;
  readonly form: CategoryForm;
}

/** The value as sent; that of the e-mail domain is a field of its own. */
export function attributeOf(transaction: Transaction, attribute: string): AttributeValue | undefined {
  return attribute === 'email_domain' ? transaction.emailDomain : transaction.attributes?.[attribute];
}

/** The text that counts; undefined when the payment does not hold one. */
export function attributeText(transaction: Transaction, { attribute, form }: AttributeCategory): string | undefined {
  return READ[form](attributeOf(transaction, attribute));
}
