/** What is wrong with how a Redis server is set up, for doctor. */
import { type RedisConnection } from './connection.ts';

const OLDEST_MAJOR = 7;

/** One sentence a problem; none when all is well. */
export async function checkServer(redis: RedisConnection): Promise<readonly string[]> {
  const { client } = redis;
  const info = await redis.run(() => client.info());
  const field = (name: string): string => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
  const setting = async (name: string): Promise<string | undefined> => {
    try {
      const [, value] = (await redis.run(() => client.config('GET', name))) as string[];
      return value;
    } catch {
      return undefined; // a managed server may forbid CONFIG: then its INFO is all there is
    }
  };
  const problems: string[] = [];
  const version = field('redis_version');
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) problems.push(`Redis ${version} has no functions: version 7 or newer is needed`); // prettier-ignore
  if (field('redis_mode') === 'cluster') problems.push('The server is part of a cluster: one primary is needed, with a replica if you like'); // prettier-ignore
  if (field('role') === 'slave') problems.push('The server is a replica: name the primary');
  const policy = field('maxmemory_policy');
  if (policy !== 'noeviction') problems.push(`maxmemory-policy is ${policy}: it must be noeviction, or profiles vanish when memory runs short`); // prettier-ignore
  // Whatever its files hold, the store is rebuilt from the journal after a restart: waiting for the disk gains nothing.
  if ((await setting('appendfsync')) === 'always' && field('aof_enabled') === '1') problems.push('appendfsync is always: every payment waits for the disk, and nothing is gained by it; everysec or no will do'); // prettier-ignore
  if (field('aof_last_write_status') === 'err') problems.push('The last write of the append-only file failed: see the server’s log'); // prettier-ignore
  const stops = (await setting('stop-writes-on-bgsave-error')) === 'yes';
  if (stops && field('rdb_last_bgsave_status') === 'err') problems.push('The last snapshot to disk failed, and the server therefore refuses writes: see its log'); // prettier-ignore
  return problems;
}
