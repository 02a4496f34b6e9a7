/** Numbers and words as the model card shows them. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML content and attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const isKnown = (value: number): boolean => Number.isFinite(value);

/** Three decimals; a dash where not defined. */
export function decimal(value: number, digits = 3): string {
  return isKnown(value) ? value.toFixed(digits) : '–';
}

/** Digits grouped by three. */
export function whole(value: number): string {
  return isKnown(value)
    ? Math.round(value)
        .toString()
        .replaceAll(/\B(?=(\d{3})+$)/g, ',')
    : '–';
}

/** A share as per cent: one decimal, more where it is small. */
export function percent(share: number): string {
  if (!isKnown(share)) return '–';
  const value = share * 100;
  const size = Math.abs(value);
  return `${value.toFixed(size === 0 || size >= 1 ? 1 : size >= 0.1 ? 2 : 3)} %`;
}

/** An amount short enough for an axis: 1.2k, 3.4M. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toFixed(2)}M`;
  if (size >= 1e3) return `${+(value / 1e3).toFixed(1)}k`;
  return `${+value.toFixed(2)}`;
}

/** What `toFixed` takes. */
const MOST_DECIMALS = 100;

/** A probability as a label: 0.1 %, 10 %, 99 %; more decimals beside 0 and 1, which nothing else is called. */
export function probabilityLabel(share: number): string {
  const fromEnd = 100 * Math.min(share, 1 - share);
  const digits = fromEnd > 0 && fromEnd < 0.1 ? Math.min(MOST_DECIMALS, 1 - Math.floor(Math.log10(fromEnd))) : 2;
  return `${+(share * 100).toFixed(digits)} %`;
}

/** What is to be known of a model that gives every payment the same score. */
export function flatScoreText(score: number): string {
  return `it gives every payment the same score, ${probabilityLabel(score)}, and thresholds decide all alike: its margins did not rank the payments of the calibration period, which may hold too few frauds.`;
}

/** Grouped digits behind a real minus sign. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : ''}${whole(Math.abs(value))}`;
}

/** An amount in whole major units with its currency; a dash where not defined. */
export function money(value: number, currency: string): string {
  return isKnown(value) ? `${signed(value)} ${currency}` : '–';
}
