/** Whether a service can start with a model under the policy configured: who puts the model in production is told when it cannot. */
import { hashText, readPolicyFile } from '../compose/inputs.ts';
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { catalogueFor } from '../features/catalogue.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { championOf, policyOf } from '../usecases/load-champion.ts';

/** What keeps a service under the policy configured from starting with the model; undefined when nothing does. */
export function misfitOf({ policyFile }: Pick<Config, 'policyFile'>, artifact: ModelArtifact): string | undefined {
  try {
    const policy = readPolicyFile({ policyFile }, artifact.thresholds) ?? policyOf(artifact, hashText);
    championOf(artifact, policy, catalogueFor(artifact.featureSettings));
    return undefined;
  } catch (error) {
    if (!(error instanceof SentinelError)) throw error;
    const under = policyFile === '' ? 'the default policy' : policyFile;
    return `A service under ${under} will not start with ${artifact.version}. ${error.message}`;
  }
}

/**
 * Says what keeps a service from starting with the model, if anything does. No refusal, since the policy may be the next to
 * change: but who promotes should hear of it before a restart in the night does.
 */
export function sayMisfit(
  { say, config }: { readonly say: (text: string) => void; readonly config: () => Pick<Config, 'policyFile'> },
  artifact: ModelArtifact,
): void {
  const misfit = misfitOf(config(), artifact);
  if (misfit !== undefined) say(misfit);
}
