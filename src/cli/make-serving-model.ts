/** A model whose profiles several instances can share, for benchmarks: the one in production, or one made for them. */
import { join } from 'node:path';
import { writeTransactions } from '../adapters/duckdb/write-transactions.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { LEAST_LABEL_DELAY_MS } from '../usecases/shared-profiles.ts';
import { loadArtifact } from '../usecases/load-champion.ts';
import { simulationOf } from '../simulation/scale.ts';
import { createSimulation } from '../simulation/simulation.ts';
import { type CommandInput } from './command.ts';
import { trainFromFile, type TrainingConfig } from './train-from-file.ts';

const PAYMENTS = 100_000;
const USERS = 5_000;

/** Resolves to the directory of models; the demonstration's own model knows a pace of life too fast to share. */
export async function makeServingModel(
  input: Pick<CommandInput, 'say' | 'progress' | 'signal'>,
  config: Pick<Config, 'dataDir'> & TrainingConfig,
): Promise<string> {
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const production = await registry.production();
  if (production !== undefined) {
    const { featureSettings } = await loadArtifact(registry, production);
    if (featureSettings.labelDelayMs >= LEAST_LABEL_DELAY_MS) return config.modelsDir;
  }
  const path = join(config.dataDir, 'payments.parquet');
  const modelsDir = join(config.dataDir, 'models');
  input.say(`No model in production that instances can share: training one from ${PAYMENTS} synthetic payments`);
  const payments = createSimulation(simulationOf({ transactions: PAYMENTS, users: USERS, seed: 1 }));
  await writeTransactions(path, payments, { signal: input.signal });
  await trainFromFile(input, { ...config, modelsDir }, { command: 'bench', path, mapping: 'sentinel', learners: 'symmetric', promote: true }); // prettier-ignore
  return modelsDir;
}
