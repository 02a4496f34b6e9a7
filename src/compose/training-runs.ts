/** Training runs as the files beside the models tell of them. */
import { systemClock } from '../adapters/system/clock.ts';
import { createFileTracking, runsFolder } from '../adapters/tracking-files/tracking.ts';
import { type Config } from '../config.ts';
import { type Log } from '../ports/log.ts';
import { type Run } from '../ports/tracking.ts';

/** None, and a warning, where they cannot be read: nothing else depends on them. */
export function trainingRuns({ modelsDir }: Pick<Config, 'modelsDir'>, log: Log): Promise<readonly Run[]> {
  return createFileTracking(runsFolder(modelsDir), systemClock)
    .list()
    .catch((error: unknown) => {
      log.warn({ error }, 'training runs cannot be read; the ledger will not list them');
      return [];
    });
}
