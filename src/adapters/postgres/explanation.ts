/** A decision's reasons with their names, as stored for review and block. */
import { unnamedFeature } from '../../domain/unnamed-feature.ts';
import { type DecisionRecord } from '../../journal/record.ts';

/** A feature catalogue: what the positions of a vector mean. */
export interface Catalogue {
  readonly hash: string;
  /** In vector order. */
  readonly names: readonly string[];
}

/** The names of all catalogues known, by hash. */
export type NamesByCatalogue = ReadonlyMap<string, readonly string[]>;

/** JSON text for a jsonb column, which takes neither U+0000 nor half of a surrogate pair: both become U+FFFD. */
function jsonbText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '$1\uFFFD');
}

/** Named reasons of a review or block decision, strongest first; null for approve (they are in the journal). */
export function explanationOf(record: DecisionRecord, known: NamesByCatalogue): string | null {
  if (record.outcome === 'approve') return null;
  const names = known.get(record.versions.catalogue);
  return jsonbText({
    margin: record.margin,
    base_margin: record.baseMargin,
    reasons: record.reasons.map(({ feature, text }) => ({
      feature: names?.[feature] ?? unnamedFeature(feature),
      value: record.vector?.[feature] ?? null,
      contribution: record.contributions?.[feature] ?? null,
      text,
    })),
    ...(record.fallbackCause === undefined ? {} : { fallback_cause: record.fallbackCause }),
  });
}
