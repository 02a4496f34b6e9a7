/** sentinel models: the registered models and their stages. */
import { formatRfc3339 } from '../../domain/time.ts';
import { type ModelEntry } from '../../ports/model-registry.ts';
import { type Command } from '../command.ts';
import { metricText } from '../render-metrics.ts';
import { openRegistry } from '../stored-models.ts';
import { syncInPassing, TRACKING_SETTINGS } from '../tracking.ts';

export const command: Command<readonly ModelEntry[]> = {
  settings: ['modelsDir', 'policyFile', ...TRACKING_SETTINGS],
  example: 'sentinel models',
  async run(input) {
    await syncInPassing(input, input.config());
    return openRegistry(input).list();
  },
  render: (entries) =>
    entries.length === 0
      ? 'No model is registered yet: sentinel train makes one.'
      : entries
          .map(({ version, stage, createdMs, metrics, problem }) => {
            if (problem !== undefined) return `${version}  ${stage.padEnd(10)}  cannot be used: ${problem}`;
            const { averagePrecision = NaN, rocAuc = NaN } = metrics;
            const quality = `AP ${metricText('averagePrecision', averagePrecision)}  AUC ${metricText('rocAuc', rocAuc)}`;
            return `${version}  ${stage.padEnd(10)}  ${quality}  trained ${formatRfc3339(createdMs)}`;
          })
          .join('\n'),
};
