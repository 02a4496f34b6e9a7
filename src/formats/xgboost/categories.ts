/** The categories an XGBoost model remembers of a data frame: texts or numbers, in the order of their codes. */
import { findMember, items, member, numbersOf, type Place, refused } from '../place.ts';

/** Texts of each feature's categories; undefined where it has none. */
export function readCategories(cats: Place, featureCount: number): readonly (readonly string[] | undefined)[] {
  const encodings = items(member(cats, 'enc'));
  if (encodings.length === 0) return [];
  if (encodings.length !== featureCount) {
    throw refused(`${cats.path}.enc`, `describes ${encodings.length} of ${featureCount} features`);
  }
  return encodings.map((encoding) => {
    const values = numbersOf(member(encoding, 'values'));
    const offsets = findMember(encoding, 'offsets');
    if (offsets === undefined) return values.map(String);
    const bounds = numbersOf(offsets);
    return bounds.length === 0 ? undefined : textsOf(values, bounds, encoding.path);
  });
}

/**
 * Texts laid end to end as signed UTF-8 bytes, between the bounds. XGBoost counts the letters of a text instead of its
 * bytes and so cuts texts with letters beyond ASCII short: such are refused, being unknowable.
 */
function textsOf(bytes: readonly number[], bounds: readonly number[], place: string): readonly string[] {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return bounds.slice(1).map((end, index) => {
    const start = bounds[index]!;
    if (!(start <= end && end <= bytes.length)) {
      throw refused(`${place}.offsets`, `has text ${index} end at ${end} of ${bytes.length}`);
    }
    try {
      return utf8.decode(Uint8Array.from(bytes.slice(start, end)));
    } catch (cause) {
      const problem = `category ${index} is no whole text (XGBoost stores letters beyond ASCII cut short); use numbers or plain letters`;
      throw new Error(refused(`${place}.values`, problem).message, { cause });
    }
  });
}
