/** What decides: a model artifact and a policy, checked against each other and made ready to score. */
import { createDecider } from '../decisions/decide.ts';
import { createPolicy, DEFAULT_TERMS, type HashText, type Policy } from '../decisions/policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { ARTIFACT_FILE, decodeArtifact, type ModelArtifact, scorerOf } from '../scoring/artifact.ts';
import { type Champion } from './judge.ts';

/** Reads and checks one version; ARTIFACT_INVALID when it is damaged or made for another catalogue. */
export async function loadArtifact(
  registry: ModelRegistry,
  version: string,
  catalogue?: Catalogue,
): Promise<ModelArtifact> {
  const files = await registry.load(version);
  const bytes = files.get(ARTIFACT_FILE);
  if (bytes === undefined) {
    throw new SentinelError('ARTIFACT_INVALID', { path: version, problem: `${ARTIFACT_FILE} is missing` });
  }
  return decodeArtifact(bytes, catalogue, version);
}

/** The policy in force when none is configured: the defaults with the thresholds the model was trained to. */
export function policyOf(artifact: ModelArtifact, hashText: HashText): Policy {
  return createPolicy({ ...DEFAULT_TERMS, thresholds: artifact.thresholds }, hashText);
}

/** Joins model and policy; POLICY_INVALID when a rule names what the model's catalogue does not have. */
export function championOf(artifact: ModelArtifact, policy: Policy, catalogue: Catalogue): Champion {
  return {
    scorer: scorerOf(artifact),
    explanations: artifact.explanations,
    policy,
    decider: createDecider(policy, catalogue.features),
    catalogue,
  };
}
