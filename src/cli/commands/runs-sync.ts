/** sentinel runs sync: sends what MLflow has not seen yet, and makes both registries agree on stages. */
import { SentinelError } from '../../domain/errors.ts';
import { type TrackingSync } from '../../usecases/sync-tracking.ts';
import { type Command } from '../command.ts';
import { noticesOf, syncWithServer, TRACKING_SETTINGS } from '../tracking.ts';

export const command: Command<TrackingSync> = {
  settings: ['modelsDir', 'policyFile', ...TRACKING_SETTINGS],
  example: 'sentinel runs sync --mlflow-uri http://localhost:5000',
  async run({ config, signal }) {
    const synced = await syncWithServer(config(), signal);
    if (synced !== undefined) return synced;
    throw new SentinelError('USAGE', { problem: 'no MLflow server is configured: set MLFLOW_TRACKING_URI' });
  },
  hasFailed: ({ problems }) => problems.length > 0,
  render: (synced) => {
    const { server, sent, waiting, taken, given } = synced;
    const counts = `${sent} runs sent, ${waiting} wait; ${given} stages and aliases changed there, ${taken.length} here`;
    return [`${server}: ${counts}`, ...noticesOf(synced)].join('\n');
  },
};
