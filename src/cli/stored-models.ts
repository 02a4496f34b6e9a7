/** Models by version as commands ask for them. */
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { SentinelError } from '../domain/errors.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { type ModelCard } from '../training/model-card/card.ts';
import { loadArtifact, requireOwnFeatures } from '../usecases/load-champion.ts';
import { type CommandInput, type Option } from './command.ts';

export const MODEL_OPTION: Option = {
  name: 'model',
  type: 'text',
  value: 'VERSION',
  sentence: 'The model version; sentinel models lists them. (default: the one in production)',
};

export function openRegistry({ config }: Pick<CommandInput, 'config'>): ModelRegistry {
  return createFileModelRegistry(config().modelsDir, systemClock);
}

/**
 * The version named with `option`, else the one in production. USAGE without either, ARTIFACT_INVALID when it is damaged.
 */
export async function getArtifact(
  registry: ModelRegistry,
  version?: string,
  option = `--${MODEL_OPTION.name}`,
): Promise<ModelArtifact> {
  const wanted = version ?? (await registry.production());
  if (wanted === undefined) {
    throw new SentinelError('USAGE', { problem: `no model is in production; train one, or name one with ${option}` });
  }
  return requireOwnFeatures(await loadArtifact(registry, wanted, onnxRuntime));
}

/** Whether the model learned from payments of this file at or after `fromMs`: figures on them flatter it. */
export function hasLearnedFrom(card: ModelCard, sha256: string, fromMs: number): boolean {
  return sha256 === card.data.sha256 && fromMs < card.periods.at(-1)!.fromMs;
}

/** The model card of a version; ARTIFACT_INVALID when it has none. */
export async function getCard(registry: ModelRegistry, version: string): Promise<ModelCard> {
  const bytes = (await registry.load(version)).get('model-card.json');
  if (bytes === undefined) {
    throw new SentinelError('ARTIFACT_INVALID', { path: version, problem: 'model-card.json is missing' });
  }
  return JSON.parse(new TextDecoder().decode(bytes)) as ModelCard; // its checksum was verified on loading
}
