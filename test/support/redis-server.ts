/** A Redis server of a test's own, to be killed and started again on the same port and files. */
import { ownServers, serverAddress } from './servers.ts';

export interface RedisServer {
  readonly url: string;
  /** As a crash and the start after it. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether there is one to start; undefined when there is none. */
export function installedRedis(): true | undefined {
  return 'missing' in serverAddress('redis') ? undefined : true;
}

export function startRedisServer(_installed: true): Promise<RedisServer> {
  const servers = ownServers();
  servers.start('redis');
  return Promise.resolve({
    url: servers.address('redis'),
    restart() {
      servers.kill('redis');
      servers.start('redis');
      return Promise.resolve();
    },
    kill: () => Promise.resolve(servers.kill('redis')),
    stop: () => Promise.resolve(servers.stop()),
  });
}
