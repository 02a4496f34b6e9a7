/** What decided before the model in service: its features by name, and its scores on demand. */
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { type Catalogue, catalogueFor, knownCatalogues, SENTINEL_CATALOGUE } from '../features/catalogue.ts';
import { type PinnedVersions } from '../journal/record.ts';
import { type Log } from '../ports/log.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact, scorerOf } from '../scoring/artifact.ts';
import { type Scorer } from '../scoring/score.ts';
import { type Champion } from '../usecases/judge.ts';
import { loadArtifact, loadFeatureSettings } from '../usecases/load-champion.ts';

/** Former models looked at, newest first: each is read whole, and the start waits for all. */
const FORMER_MODELS = 16;

/**
 * The catalogues by which decisions on record may have been made: that in service, those of the program, and those of the
 * latest models that have had a stage. One that cannot be read is passed over: payments must be taken all the same.
 */
export async function cataloguesOnRecord(
  registry: ModelRegistry,
  running: Pick<ModelArtifact, 'version' | 'featureSettings'> | undefined,
  onNotice: (text: string) => void,
): Promise<readonly Catalogue[]> {
  const own = running === undefined ? SENTINEL_CATALOGUE : catalogueFor(running.featureSettings);
  const catalogues = new Map(knownCatalogues(own).map((each) => [each.hash, each]));
  const former = (await registry.list()).filter(
    ({ version, stage }) => stage !== 'none' && version !== running?.version,
  );
  for (const { version } of former.slice(0, FORMER_MODELS)) {
    try {
      const catalogue = catalogueFor(await loadFeatureSettings(registry, version));
      if (!catalogues.has(catalogue.hash)) catalogues.set(catalogue.hash, catalogue);
    } catch (error) {
      onNotice(
        `${version} cannot be read: features of what it decided are named by their place. ${(error as Error).message}`,
      );
    }
  }
  return [...catalogues.values()];
}

/**
 * The scorer that decided under given versions; undefined when its artifact is gone, damaged or was made for other
 * features. The last one asked for is kept beside the one in service: whoever reads on reads of the same time.
 */
export function createFindScorer(
  registry: ModelRegistry,
  { scorer, catalogue }: Pick<Champion, 'scorer' | 'catalogue'>,
  log: Log,
): (versions: PinnedVersions) => Promise<Scorer | undefined> {
  let former: { readonly version: string; readonly loaded: Promise<Former | undefined> } | undefined;

  const load = async (version: string): Promise<Former | undefined> => {
    try {
      const artifact = await loadArtifact(registry, version, onnxRuntime);
      return { scorer: scorerOf(artifact), catalogueHash: artifact.catalogue.hash };
    } catch (error) {
      log.warn({ error }, `${version} cannot be read: what it decided is shown without contributions not on record`);
      return undefined;
    }
  };

  return async ({ model, catalogue: hash }) => {
    if (model === scorer.version) return hash === catalogue.hash ? scorer : undefined;
    if (former?.version !== model) former = { version: model, loaded: load(model) };
    const found = await former.loaded;
    return found?.catalogueHash === hash ? found.scorer : undefined;
  };
}

interface Former {
  readonly scorer: Scorer;
  readonly catalogueHash: string;
}
