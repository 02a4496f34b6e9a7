/** sentinel up: everything at once: data and a model when there are none, the service, simulated traffic. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeTransactions } from '../../adapters/duckdb/write-transactions.ts';
import { createLog } from '../../adapters/pino/log.ts';
import { createFileModelRegistry } from '../../adapters/registry-files/model-registry.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { type Config, SETTING_NAMES } from '../../config.ts';
import { startService } from '../../compose.ts';
import { simulationOf } from '../../simulation/scale.ts';
import { createSimulation, DEFAULT_SIMULATION } from '../../simulation/simulation.ts';
import { type Command, type CommandInput } from '../command.ts';
import { startLiveTraffic } from '../live-traffic-process.ts';
import { trainFromFile } from '../train-from-file.ts';

export const command: Command<undefined> = {
  settings: SETTING_NAMES,
  example: 'sentinel up --simulate-rate 200',
  async run(input) {
    const { signal, say } = input;
    const config = input.config();
    await makeModel(input, config);
    const service = await startService(config, createLog(config.logLevel));
    say(`Sentinel ${service.modelVersion} at ${service.url} (API: ${service.url}/docs). Ctrl-C ends it.`);
    if (config.simulateRate > 0)
      say('Simulated people start without a history here, so at first only fraud that shows without one is caught.');
    const traffic = config.simulateRate > 0 ? startLiveTraffic(service.url, config.simulateRate, say) : undefined;
    const stopped = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined));
    });
    const failure = await Promise.race([service.poisoned, stopped]);
    await traffic?.stop();
    await service.close();
    if (failure !== undefined) throw failure;
    say('Stopped; everything answered is recorded.');
    return undefined;
  },
  render: () => '',
};

/** The default data set and a model trained from it, unless a model is in production already. */
async function makeModel(input: CommandInput, config: Config): Promise<void> {
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  if ((await registry.production()) !== undefined) return;
  const path = join(config.dataDir, 'payments.parquet');
  if (!existsSync(path)) {
    input.say(`No data yet: making ${DEFAULT_SIMULATION.transactions} synthetic payments in ${path}`);
    const bar = input.progress('generate', DEFAULT_SIMULATION.transactions);
    await writeTransactions(path, createSimulation(simulationOf({})), { onRows: bar.update, signal: input.signal });
    bar.finish();
  }
  input.say('No model in production: training one');
  const { version } = await trainFromFile(input, config, { path, mapping: 'sentinel', promote: true });
  input.say(`Trained ${version}: ${config.modelsDir}/${version}/model-card.html`);
}
