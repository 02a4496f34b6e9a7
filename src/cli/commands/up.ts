/** sentinel up: everything at once: data and a model when there are none, the service, simulated traffic. */
import { createLog } from '../../adapters/pino/log.ts';
import { readTls } from '../../compose/inputs.ts';
import { SERVICE_SETTINGS } from '../../config.ts';
import { DEMONSTRATION_MAPPING } from '../../datasets/mappings/demonstration.ts';
import { serve } from '../../compose/serve.ts';
import { type Command } from '../command.ts';
import { startLiveTraffic } from '../live-traffic-process.ts';
import { makeModel } from '../make-model.ts';
import { TRACKING_SETTINGS } from '../tracking.ts';
import { untilAborted } from '../until-aborted.ts';

/** What to expect of the simulated payments. */
function paceOf(labelDelayMs: number): string {
  const pace = 'The simulated payments show an hour of life each second';
  return labelDelayMs === DEMONSTRATION_MAPPING.labelDelayMs
    ? `${pace}; nobody has a history yet when the journal is new, so the first minutes tell less.`
    : `${pace}; the model in production knows another pace, so it will misjudge them (--simulate-rate 0 sends none).`;
}

export const command: Command<undefined> = {
  settings: [...SERVICE_SETTINGS, 'servingBudgetUs', 'simulateRate', ...TRACKING_SETTINGS],
  example: 'sentinel up --simulate-rate 200',
  async run(input) {
    const { signal, say } = input;
    const config = input.config();
    readTls(config); // before time goes into a model for a service that cannot start
    await makeModel(input, config);
    const service = await serve(config, createLog(config.logLevel));
    say(`Sentinel ${service.modelVersion} at ${service.url} (API: ${service.url}/docs). Ctrl-C ends it.`);
    if (config.simulateRate > 0) say(paceOf(service.labelDelayMs));
    const traffic = config.simulateRate > 0 ? startLiveTraffic(service.url, config.simulateRate, say) : undefined;
    const failure = await Promise.race([service.poisoned, untilAborted(signal)]);
    await traffic?.stop();
    await service.close();
    if (failure !== undefined) throw failure;
    say('Stopped; everything answered is recorded.');
    return undefined;
  },
  render: () => '',
};
