/** sentinel serve: the scoring service. */
import { createLog } from '../../adapters/pino/log.ts';
import { SERVICE_SETTINGS } from '../../config.ts';
import { serve } from '../../compose/serve.ts';
import { type Command } from '../command.ts';
import { untilAborted } from '../until-aborted.ts';

export const command: Command<undefined> = {
  settings: SERVICE_SETTINGS,
  example: 'sentinel serve --port 8000',
  async run({ config, signal, say }) {
    const settings = config();
    const log = createLog(settings.logLevel);
    const service = await serve(settings, log);
    say(`Sentinel ${service.modelVersion} at ${service.url}`);
    const failure = await Promise.race([service.poisoned, untilAborted(signal)]);
    await service.close();
    if (failure !== undefined) throw failure;
    return undefined;
  },
  render: () => '',
};
