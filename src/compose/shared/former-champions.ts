/** Model and policy by version, for payments that were begun under others than those in service here. */
import { onnxRuntime } from '../../adapters/onnxruntime/graph-runtime.ts';
import { policyDocument, type Policy } from '../../decisions/policy.ts';
import { readPolicy } from '../../decisions/read-policy.ts';
import { SentinelError } from '../../domain/errors.ts';
import { catalogueFor } from '../../features/catalogue.ts';
import { type PinnedVersions } from '../../journal/record.ts';
import { type ModelRegistry } from '../../ports/model-registry.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type Champion } from '../../usecases/judge.ts';
import { championOf, loadArtifact } from '../../usecases/load-champion.ts';
import { hashText } from '../inputs.ts';

export interface Champions {
  /**
   * What decides under these versions; undefined when the model is not in this registry, or nobody told the policy. Rejects
   * NOT_READY when it cannot be used here, for which no payment is to blame.
   */
  find(versions: PinnedVersions): Promise<Champion | undefined>;
  /** Tells the others the policy in service here, so that any of them can finish what this instance begins. */
  tellPolicy(): Promise<void>;
}

/** Models kept beside the one in service: hundreds of payments that a crash left are finished at once, all under the same one. */
const KEPT = 2;

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

  const read = async ({ model, policy: policyVersion, lists }: PinnedVersions): Promise<Champion | undefined> => {
    const policy = await policyOf(policyVersion, lists);
    if (policy === undefined) return undefined;
    if (model === current().scorer.version && policy === current().policy) return current();
    const known = await registry.list();
    if (!known.some(({ version }) => version === model)) return undefined;
    const artifact = await loadArtifact(registry, model, onnxRuntime);
    return championOf(artifact, policy, catalogueFor(artifact.featureSettings));
  };

  const kept = new Map<string, Promise<Champion | undefined>>();

  return {
    async find(versions) {
      const { model, policy, lists } = versions;
      const name = JSON.stringify([model, policy, lists]);
      const found = kept.get(name) ?? read(versions);
      kept.set(name, found);
      for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
      try {
        const champion = await found;
        if (champion === undefined) kept.delete(name); // it may be copied here later
        return champion;
      } catch (error) {
        kept.delete(name);
        if (error instanceof SentinelError && error.kind === 'unavailable') throw error;
        throw new SentinelError('NOT_READY', { reason: `a payment was begun under model ${model}: ${(error as Error).message}` }, error); // prettier-ignore
      }
    },
    async tellPolicy() {
      const { policy } = current();
      await state.tell(nameOf(policy.version, policy.listsVersion), JSON.stringify(policyDocument(policy)));
    },
  };
}
