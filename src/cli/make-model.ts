/** A model in production before anything else, for commands that cannot do without. */
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { type CommandInput } from './command.ts';
import { type TrainingConfig } from './train-from-file.ts';

/** Trains a first one unless there is one; what learns is a third of the program, and loaded only then. */
export async function makeModel(
  input: Pick<CommandInput, 'say' | 'progress' | 'signal'>,
  config: Pick<Config, 'dataDir'> & TrainingConfig,
): Promise<void> {
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  if ((await registry.production()) !== undefined) return;
  const { trainFirstModel } = await import('./first-model.ts');
  await trainFirstModel(input, config);
}
