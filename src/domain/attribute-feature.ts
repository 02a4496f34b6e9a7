/** What of a payment's attributes a model is given, beside the catalogue's own features. */

/**
 * How an attribute becomes a value of the vector. Numbers: `number` as it stands, booleans 0 and 1; `fraction` the part
 * behind the point, in thousandths; `first_day` the day, counted from 1970, on which a count of days was 0. The parts of
 * a screen such as 1920x1080: `width`, `height`. Categories: `category` the text as it stands; `email_vendor` and
 * `email_suffix` what stands before and behind the first point of a domain; `device_vendor` who makes a model of device;
 * `system` and `browser` their names without versions.
 */
export const CATEGORY_FORMS = ['category', 'email_vendor', 'email_suffix', 'device_vendor', 'system', 'browser'] as const; // prettier-ignore
export type NumericForm = 'number' | 'fraction' | 'first_day' | 'width' | 'height';
export type CategoryForm = (typeof CATEGORY_FORMS)[number];

export interface AttributeFeature {
  /** Its name in the catalogue; must differ from every other feature's. */
  readonly name: string;
  readonly form: NumericForm | CategoryForm;
  /** Key in the payment's attributes, or `email_domain`, which is a field of its own. */
  readonly attribute: string;
}

/** The features that some attributes give under one form, named after both unless the form changes nothing. */
export function inForm(form: AttributeFeature['form'], attributes: readonly string[]): readonly AttributeFeature[] {
  const suffix = form === 'number' || form === 'category' ? '' : `_${form.replace(/^(email|device)_/, '')}`;
  return attributes.map((attribute) => ({ name: attribute + suffix, form, attribute }));
}
