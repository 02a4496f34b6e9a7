/** What decides: a model artifact and a policy, checked against each other and made ready to score. */
import { createDecider } from '../decisions/decide.ts';
import { createPolicy, DEFAULT_TERMS, type HashText, type Policy } from '../decisions/policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { type RateTable } from '../domain/money.ts';
import { type Catalogue, catalogueFor } from '../features/catalogue.ts';
import { type FeatureSettings } from '../features/settings.ts';
import { type GraphRuntime } from '../ports/graph-runtime.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import {
  ARTIFACT_FILE,
  decodeArtifact,
  type ModelArtifact,
  readFeatureSettings,
  scorerOf,
} from '../scoring/artifact.ts';
import { type Champion } from './judge.ts';

/** Reads and checks one version; ARTIFACT_INVALID when it is damaged. `runtime` is for models that need one. */
export async function loadArtifact(
  registry: ModelRegistry,
  version: string,
  runtime?: GraphRuntime,
): Promise<ModelArtifact> {
  return decodeArtifact(await artifactBytes(registry, version), undefined, version, runtime?.open);
}

/** The settings of the features one version was made for; ARTIFACT_INVALID when they are damaged, its model is not looked at. */
export async function loadFeatureSettings(registry: ModelRegistry, version: string): Promise<FeatureSettings> {
  return readFeatureSettings(await artifactBytes(registry, version), version);
}

async function artifactBytes(registry: ModelRegistry, version: string): Promise<Uint8Array> {
  const bytes = (await registry.load(version)).get(ARTIFACT_FILE);
  if (bytes !== undefined) return bytes;
  throw new SentinelError('ARTIFACT_INVALID', { path: version, problem: `${ARTIFACT_FILE} is missing` });
}

/** The artifact, unless this program computes other features than it was made for: then ARTIFACT_INVALID. */
export function requireOwnFeatures(artifact: ModelArtifact): ModelArtifact {
  const { featureSettings, catalogue, version } = artifact;
  if (catalogueFor(featureSettings).hash === catalogue.hash) return artifact;
  const problem = `made for another feature catalogue ${catalogue.name} than this program has`;
  throw new SentinelError('ARTIFACT_INVALID', { path: version, problem });
}

/** The policy in force when none is configured: the defaults with the thresholds the model was trained to. */
export function policyOf(artifact: ModelArtifact, hashText: HashText): Policy {
  return createPolicy({ ...DEFAULT_TERMS, thresholds: artifact.thresholds }, hashText);
}

/** POLICY_INVALID when amounts would reach the model on another scale than it learned from. */
export function requireCurrency({ version, currency }: ModelArtifact, { base }: RateTable): void {
  if (currency === undefined || currency === base) return;
  const problem = `${base}, but ${version} has learned from amounts in ${currency}`;
  throw new SentinelError('POLICY_INVALID', { place: 'base_currency', problem });
}

/** Joins model and policy; POLICY_INVALID when they differ in currency or a rule names what the catalogue does not have. */
export function championOf(artifact: ModelArtifact, policy: Policy, catalogue: Catalogue): Champion {
  requireCurrency(artifact, policy.rates);
  return {
    scorer: scorerOf(artifact),
    explanations: artifact.explanations,
    policy,
    decider: createDecider(policy, catalogue.features),
    catalogue,
  };
}
