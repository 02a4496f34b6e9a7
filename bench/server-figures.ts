/** CPU of the servers beside us: of Redis as it says itself, of any server on this machine from /proc. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { openRedis } from '../src/adapters/redis/connection.ts';
import { treeCpuSeconds } from './process-figures.ts';

const LISTENING = '0A';
const KEYS_AT_A_TIME = 1_000;

/** The process on this machine that listens at a port; undefined where there is none, or it cannot be seen. Source: proc(5). */
export function listenerAt(port: number): number | undefined {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6'].filter((path) => existsSync(path))) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && Number.parseInt(local!.split(':').at(-1)!, 16) === port) inodes.add(inode!);
    }
  }
  const holds = (pid: string): boolean =>
    readdirSync(`/proc/${pid}/fd`).some((fd) =>
      inodes.has(/^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''),
    );
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (holds(pid)) return Number(pid);
    } catch {
      continue; // it ended, or belongs to another user
    }
  }
  return undefined;
}

/** Nothing when it was closed while we looked. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** CPU seconds of the server at host:port so far, its processes included; undefined when it runs elsewhere. */
export function serverCpu(address: string): (() => number) | undefined {
  const [host, port] = [
    address.slice(0, address.lastIndexOf(':')),
    Number(address.slice(address.lastIndexOf(':') + 1)),
  ];
  if (!/^(localhost|127\.|\[::1\])/.test(host)) return undefined;
  const pid = listenerAt(port);
  return pid === undefined ? undefined : () => treeCpuSeconds(pid);
}

export interface RedisFigures {
  /** CPU seconds so far. */
  cpu(): Promise<number>;
  /** Removes all keys under the name. */
  removeKeys(): Promise<void>;
  close(): Promise<void>;
}

export async function redisFigures(url: string, name: string): Promise<RedisFigures> {
  const redis = await openRedis({ url, name, timeoutMs: 5_000, maxWaiting: 10 });
  return {
    async cpu() {
      const text = await redis.client.info('cpu');
      const of = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? NaN);
      return of('used_cpu_user') + of('used_cpu_sys');
    },
    async removeKeys() {
      for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
        const [next, keys] = await redis.client.scanBuffer(cursor, 'MATCH', `${name}:*`, 'COUNT', KEYS_AT_A_TIME);
        cursor = next.toString();
        if (keys.length > 0) await redis.client.unlink(...keys);
      }
    },
    close: () => redis.close(),
  };
}
