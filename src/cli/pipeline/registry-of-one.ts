/** A registry for a while, with one model and that in production: to try a model before it decides anything. */
import { createFileModelRegistry } from '../../adapters/registry-files/model-registry.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { type CommandInput } from '../command.ts';
import { withScratch } from '../scratch.ts';
import { openRegistry } from '../stored-models.ts';

/** Runs `work` with a configuration whose registry holds that version alone. */
export async function withModelAlone<T>(
  input: CommandInput,
  version: string,
  work: (input: CommandInput) => Promise<T>,
): Promise<T> {
  return await withScratch('models', async (modelsDir) => {
    const registry = createFileModelRegistry(modelsDir, systemClock);
    await registry.save(version, await openRegistry(input).load(version), {});
    await registry.setStage(version, 'production');
    return await work({ ...input, config: () => ({ ...input.config(), modelsDir, mlflowUri: '' }) });
  });
}
