/** Model and policy by version, for payments that were begun under others than those in service here. */
import { onnxRuntime } from '../../adapters/onnxruntime/graph-runtime.ts';
import { policyDocument, type Policy } from '../../decisions/policy.ts';
import { readPolicy } from '../../decisions/read-policy.ts';
import { catalogueFor } from '../../features/catalogue.ts';
import { type PinnedVersions } from '../../journal/record.ts';
import { type ModelRegistry } from '../../ports/model-registry.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type Champion } from '../../usecases/judge.ts';
import { championOf, loadArtifact } from '../../usecases/load-champion.ts';
import { hashText } from '../inputs.ts';

export interface Champions {
  /** What decides under these versions; undefined when the model is not in this registry, or nobody told the policy. */
  find(versions: PinnedVersions): Promise<Champion | undefined>;
  /** Tells the others the policy in service here, so that any of them can finish what this instance begins. */
  tellPolicy(): Promise<void>;
}

const nameOf = (version: string, listsVersion: string): string => `policy ${version} ${listsVersion}`;

export function createChampions(deps: {
  readonly state: SharedState;
  readonly registry: ModelRegistry;
  readonly current: () => Champion;
}): Champions {
  const { state, registry, current } = deps;

  const policyOf = async (version: string, listsVersion: string): Promise<Policy | undefined> => {
    const { policy } = current();
    if (policy.version === version && policy.listsVersion === listsVersion) return policy;
    const told = await state.told(nameOf(version, listsVersion));
    return told === undefined ? undefined : readPolicy(JSON.parse(told), hashText);
  };

  return {
    async find({ model, policy: policyVersion, lists }) {
      const policy = await policyOf(policyVersion, lists);
      if (policy === undefined) return undefined;
      if (model === current().scorer.version && policy === current().policy) return current();
      const known = await registry.list();
      if (!known.some(({ version }) => version === model)) return undefined;
      const artifact = await loadArtifact(registry, model, onnxRuntime);
      return championOf(artifact, policy, catalogueFor(artifact.featureSettings));
    },
    async tellPolicy() {
      const { policy } = current();
      await state.tell(nameOf(policy.version, policy.listsVersion), JSON.stringify(policyDocument(policy)));
    },
  };
}
