/** All features in order; the hash of a catalogue is the schema of every stored vector. */
import { AMOUNT } from './amount.ts';
import { attributeGroup } from './attributes.ts';
import { type Feature, type FeatureContext, type FeatureGroup } from './context.ts';
import { DIVERSITY } from './diversity.ts';
import { ENCODINGS } from './encodings.ts';
import { GEOGRAPHY } from './geography.ts';
import { HANDBOOK } from './handbook.ts';
import { hashHex } from './hash.ts';
import { INTERACTIONS } from './interactions.ts';
import { NOVELTY } from './novelty.ts';
import { RISK } from './risk.ts';
import { type FeatureSettings } from './settings.ts';
import { TEMPORAL } from './temporal.ts';
import { TRANSACTION } from './transaction.ts';
import { VELOCITY } from './velocity.ts';

export interface Catalogue {
  readonly name: 'sentinel' | 'handbook';
  /** In the order of the vector. */
  readonly features: readonly Feature[];
  /** 32 hex digits over names, formulas and everything else that gives a value its meaning. */
  readonly hash: string;
  /** Writes the features of the payment in `context` into `out` [features]. */
  readonly write: (context: FeatureContext, out: Float64Array) => void;
  /** Position of a feature, also under its short name; undefined for an unknown one. */
  find(name: string): number | undefined;
  /** The same; throws on an unknown one. */
  indexOf(name: string): number;
}

/** Short names users know. */
const ALIASES: Readonly<Record<string, string>> = {
  count_last_1h: 'user_txn_count_1h',
  amount_last_24h: 'user_txn_amount_24h',
};

function createCatalogue(name: Catalogue['name'], groups: readonly FeatureGroup[]): Catalogue {
  const features = groups.flatMap((group) => group.features);
  const starts = groups.map((_, g) => groups.slice(0, g).reduce((sum, group) => sum + group.features.length, 0));
  const positions = new Map(features.map((feature, index) => [feature.name, index]));
  if (positions.size !== features.length) throw new Error(`invalid catalogue ${name}: a feature name occurs twice`);
  for (const [alias, feature] of Object.entries(ALIASES)) {
    if (positions.has(feature)) positions.set(alias, positions.get(feature)!);
  }
  const find = (wanted: string): number | undefined => positions.get(wanted);
  const meaning = features.map((feature) => [
    feature.name,
    feature.family,
    feature.entity ?? null,
    feature.windowMs ?? null,
    feature.unit,
    feature.formula,
    feature.kind,
    String(feature.whenEmpty),
    String(feature.whenMissing),
  ]);
  return {
    name,
    features,
    hash: hashHex(JSON.stringify(meaning)),
    write(context, out) {
      for (let g = 0; g < groups.length; g++) groups[g]!.write(context, out, starts[g]!);
    },
    find,
    indexOf(wanted) {
      const index = find(wanted);
      if (index === undefined) throw new Error(`invalid feature: ${wanted} is not in the catalogue ${name}`);
      return index;
    },
  };
}

const SENTINEL_GROUPS: readonly FeatureGroup[] = [
  TRANSACTION,
  TEMPORAL,
  VELOCITY,
  AMOUNT,
  NOVELTY,
  GEOGRAPHY,
  DIVERSITY,
  RISK,
  ENCODINGS,
  INTERACTIONS,
];

export const SENTINEL_CATALOGUE: Catalogue = createCatalogue('sentinel', SENTINEL_GROUPS);

export const HANDBOOK_CATALOGUE: Catalogue = createCatalogue('handbook', [HANDBOOK]);

/** The catalogue of that name. */
export function getCatalogue(name: 'sentinel' | 'handbook'): Catalogue {
  return name === 'handbook' ? HANDBOOK_CATALOGUE : SENTINEL_CATALOGUE;
}

/** Those by which a decision on record may have been made, as far as the program that runs `running` knows them. */
export function knownCatalogues(running: Catalogue): readonly Catalogue[] {
  return [running, ...[SENTINEL_CATALOGUE, HANDBOOK_CATALOGUE].filter(({ hash }) => hash !== running.hash)];
}

/** The catalogue that an engine of these settings has: the named one, and the attributes after it. */
export function catalogueFor({ catalogue, attributes = [] }: FeatureSettings): Catalogue {
  if (attributes.length === 0) return getCatalogue(catalogue);
  const own = catalogue === 'handbook' ? [HANDBOOK] : SENTINEL_GROUPS;
  return createCatalogue(catalogue, [...own, attributeGroup(attributes)]);
}
