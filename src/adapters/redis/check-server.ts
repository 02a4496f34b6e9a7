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
  if (field('aof_enabled') !== '1') problems.push('appendonly is off: after a restart the server is empty, and the whole journal must be read again'); // prettier-ignore
  if ((await setting('appendfsync')) === 'no') problems.push('appendfsync is no: everysec keeps the loss at a crash below a second'); // prettier-ignore
  if (field('aof_last_write_status') === 'err') problems.push('The last write of the append-only file failed: see the server’s log'); // prettier-ignore
  return problems;
}
