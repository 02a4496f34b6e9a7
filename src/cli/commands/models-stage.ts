/** sentinel models promote, stage and archive: moves a version to a stage, once it is known to load. */
import { type ModelStage } from '../../ports/model-registry.ts';
import { type Command } from '../command.ts';
import { sayMisfit } from '../policy-fit.ts';
import { getArtifact, openRegistry } from '../stored-models.ts';
import { syncInPassing, TRACKING_SETTINGS } from '../tracking.ts';

interface Moved {
  readonly version: string;
  readonly stage: ModelStage;
  /** The version in production now; null when none is. */
  readonly production: string | null;
}

/** Another stage takes effect when the service starts the next time. */
function moving(verb: string, stage: ModelStage): Command<Moved> {
  return {
    arguments: [{ name: 'version', required: true, sentence: 'The model version; sentinel models lists them.' }],
    settings: ['modelsDir', 'policyFile', ...TRACKING_SETTINGS],
    example: `sentinel models ${verb} v20260101_120000`,
    async run(input) {
      const version = input.given.text('version');
      const registry = openRegistry(input);
      const artifact = stage === 'archived' ? undefined : await getArtifact(registry, version); // refuses what could not serve
      await syncInPassing(input, input.config()); // what was changed there before comes first
      await registry.setStage(version, stage);
      await syncInPassing(input, input.config());
      if (artifact !== undefined && stage === 'production') sayMisfit(input, artifact);
      return { version, stage, production: (await registry.production()) ?? null };
    },
    render: ({ version, production }) =>
      `${version} is now in stage ${stage}; ${production === null ? 'no version is in production' : `${production} is in production`}. A running service takes notice when it is started again.`,
  };
}

export const promote = moving('promote', 'production');
export const challenge = moving('stage', 'staging');
export const archive = moving('archive', 'archived');
