/** The surroundings of the serving benchmark on services: Kafka, Redis and PostgreSQL of its own, and what they cost. */
import { join } from 'node:path';
import { type LedgerWatch, watchLedger } from './ledger-lag.ts';
import { openOwnServers, type ServerName } from './own-servers.ts';
import { serverCpu } from './server-figures.ts';
import { serverSizes } from './server-sizes.ts';

export interface ServeServices {
  /** What leads an instance to the servers. */
  readonly environment: Readonly<Record<string, string>>;
  /** CPU seconds of each so far. */
  cpu(): Readonly<Record<ServerName, number>>;
  /** Bytes each holds now. */
  sizes(): Promise<Readonly<Record<ServerName, number>>>;
  /** To be called when an instance is ready. */
  watchLedger(): Promise<LedgerWatch>;
  /** Ends them all. */
  stop(): Promise<void>;
}

const NAME = 'bench';

/** Starts all three below `directory`. Rejects with what is missing where one is not installed. */
export async function openServeServices(directory: string): Promise<ServeServices> {
  const place = join(directory, 'servers');
  const servers = await openOwnServers(place);
  const { broker, redis, postgres } = servers.addresses;
  const cpuOfServer = (name: ServerName, address: string): (() => number) => {
    const cpu = serverCpu(address);
    if (cpu === undefined) throw new Error(`nothing of ${name} can be seen at ${address}`);
    return cpu;
  };
  try {
    const cpus = {
      kafka: cpuOfServer('kafka', broker),
      redis: cpuOfServer('redis', new URL(redis).host),
      postgres: cpuOfServer('postgres', new URL(postgres).host),
    };
    return {
      environment: {
        KAFKA_BROKERS: broker,
        REDIS_URL: redis,
        SENTINEL_REDIS_NAME: NAME,
        DATABASE_URL: postgres,
        SENTINEL_LEDGER: 'true',
      },
      cpu: () => ({ kafka: cpus.kafka(), redis: cpus.redis(), postgres: cpus.postgres() }),
      sizes: () => serverSizes({ directory: place, redis, postgres }),
      watchLedger: () => watchLedger(redis, NAME, postgres),
      stop: () => servers.stop(),
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}
