/** All features in order; the hash of a catalogue is the schema of every stored vector. */
import { AMOUNT_FEATURES } from './amount.ts';
import { type Feature } from './context.ts';
import { DIVERSITY_FEATURES } from './diversity.ts';
import { ENCODING_FEATURES } from './encodings.ts';
import { GEOGRAPHY_FEATURES } from './geography.ts';
import { HANDBOOK_FEATURES } from './handbook.ts';
import { hashHex } from './hash.ts';
import { INTERACTION_FEATURES } from './interactions.ts';
import { NOVELTY_FEATURES } from './novelty.ts';
import { RISK_FEATURES } from './risk.ts';
import { TEMPORAL_FEATURES } from './temporal.ts';
import { TRANSACTION_FEATURES } from './transaction.ts';
import { VELOCITY_FEATURES } from './velocity.ts';

export interface Catalogue {
  readonly name: 'sentinel' | 'handbook';
  /** In the order of the vector. */
  readonly features: readonly Feature[];
  /** 32 hex digits over names, formulas and everything else that gives a value its meaning. */
  readonly hash: string;
  /** Position of a feature, also under its short name; throws on an unknown one. */
  indexOf(name: string): number;
}

/** Short names users know. */
const ALIASES: Readonly<Record<string, string>> = {
  count_last_1h: 'user_txn_count_1h',
  amount_last_24h: 'user_txn_amount_24h',
};

function createCatalogue(name: Catalogue['name'], features: readonly Feature[]): Catalogue {
  const positions = new Map(features.map((feature, index) => [feature.name, index]));
  if (positions.size !== features.length) throw new Error(`invalid catalogue ${name}: a feature name occurs twice`);
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
    indexOf(wanted) {
      const index = positions.get(ALIASES[wanted] ?? wanted);
      if (index === undefined) throw new Error(`invalid feature: ${wanted} is not in the catalogue ${name}`);
      return index;
    },
  };
}

export const SENTINEL_CATALOGUE: Catalogue = createCatalogue('sentinel', [
  ...TRANSACTION_FEATURES,
  ...TEMPORAL_FEATURES,
  ...VELOCITY_FEATURES,
  ...AMOUNT_FEATURES,
  ...NOVELTY_FEATURES,
  ...GEOGRAPHY_FEATURES,
  ...DIVERSITY_FEATURES,
  ...RISK_FEATURES,
  ...ENCODING_FEATURES,
  ...INTERACTION_FEATURES,
]);

export const HANDBOOK_CATALOGUE: Catalogue = createCatalogue('handbook', HANDBOOK_FEATURES);

/** The catalogue of that name. */
export function getCatalogue(name: 'sentinel' | 'handbook'): Catalogue {
  return name === 'handbook' ? HANDBOOK_CATALOGUE : SENTINEL_CATALOGUE;
}
