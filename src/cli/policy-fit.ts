/** Whether a service can start with a model under the policy configured: who puts the model in production is told when it cannot. */
import { hashText, readPolicyFile } from '../compose/inputs.ts';
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { catalogueFor } from '../features/catalogue.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { championOf, policyOf } from '../usecases/load-champion.ts';

/**
 * Says what keeps a service from starting with the model, if anything does. No refusal, since the policy may be the next to
 * change: but who promotes should hear of it before a restart in the night does.
 */
export function sayMisfit(
  { say, config }: { readonly say: (text: string) => void; readonly config: () => Pick<Config, 'policyFile'> },
  artifact: ModelArtifact,
): void {
  const { policyFile } = config();
  try {
    const policy = readPolicyFile({ policyFile }, artifact.thresholds) ?? policyOf(artifact, hashText);
    championOf(artifact, policy, catalogueFor(artifact.featureSettings));
  } catch (error) {
    if (!(error instanceof SentinelError)) throw error;
    const under = policyFile === '' ? 'the default policy' : policyFile;
    say(`A service under ${under} will not start with ${artifact.version}. ${error.message}`);
  }
}
