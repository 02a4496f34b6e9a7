/** The service as configured: in this process, or in several that share its port. */
import { type Config } from '../config.ts';
import { type Log } from '../ports/log.ts';
import { type Service, startService } from './service.ts';
import { startWorkers } from './workers/start-workers.ts';

export const serve = (config: Config, log: Log): Promise<Service> =>
  config.apiWorkers > 1 ? startWorkers(config, log) : startService(config, log);
