/** What the configured policy says of money: the rates that put the amounts of files on one scale, and what mistakes cost on it. */
import { readPolicyFile } from '../compose/inputs.ts';
import { type Config } from '../config.ts';
import { type Thresholds } from '../decisions/policy.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { type Costs, DEFAULT_COSTS } from '../domain/costs.ts';
import { type RateTable } from '../domain/money.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { requireCurrency } from '../usecases/load-champion.ts';

type PolicyPlace = Pick<Config, 'policyFile'>;

/** Fit whichever single one a policy names: the other is a model's, and this is not about it. */
const ANY_THRESHOLDS: Thresholds = { review: 0, block: 1 };

export function configuredRates(config: PolicyPlace): RateTable {
  return readPolicyFile(config, ANY_THRESHOLDS)?.rates ?? DEFAULT_RATES;
}

/** What mistakes cost by the configured policy, in its base currency; the defaults without one. */
export function configuredCosts(config: PolicyPlace): Costs {
  return readPolicyFile(config, ANY_THRESHOLDS)?.costs ?? DEFAULT_COSTS;
}

/** The rates, for a model: POLICY_INVALID when it has learned from amounts in another currency. */
export function ratesFor(artifact: ModelArtifact, config: PolicyPlace): RateTable {
  const rates = configuredRates(config);
  requireCurrency(artifact, rates);
  return rates;
}
