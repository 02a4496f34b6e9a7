/** What decides: the model in production under the policy configured, else under the one it was trained with. */
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { type FeatureEngine, createFeatureEngine } from '../features/engine.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { type Champion } from '../usecases/judge.ts';
import { championOf, policyOf } from '../usecases/load-champion.ts';
import { hashText, productionArtifact, readPolicyFile } from './inputs.ts';

export interface InProduction {
  readonly registry: ModelRegistry;
  readonly artifact: ModelArtifact;
  /** With no payment in it. */
  readonly engine: FeatureEngine;
  readonly champion: Champion;
}

/** Throws NO_MODEL without a model in production, POLICY_INVALID, and what makes a model unusable. */
export async function loadProduction(config: Pick<Config, 'modelsDir' | 'policyFile'>): Promise<InProduction> {
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const artifact = await productionArtifact(registry);
  const engine = createFeatureEngine(artifact.featureSettings);
  const policy = readPolicyFile(config, artifact.thresholds) ?? policyOf(artifact, hashText);
  return { registry, artifact, engine, champion: championOf(artifact, policy, engine.catalogue) };
}
