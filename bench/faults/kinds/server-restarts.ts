/** A server goes and comes back on the same port, every other time by a crash. */
import { type FaultKind, pauseUpTo } from '../fault.ts';
import { type ServerName } from '../../own-servers.ts';

const LONGEST_ABSENCE_MS = 2_000;

function restarts(server: ServerName, name: string, sentence: string, usual: number): FaultKind {
  return {
    name,
    sentence,
    usual,
    lane: 'rest',
    async strike({ servers, random }, nth) {
      await (nth % 2 === 0 ? servers.kill(server) : servers.end(server));
      await pauseUpTo(LONGEST_ABSENCE_MS, random);
      await servers.start(server);
    },
  };
}

export const brokerRestart = restarts('kafka', 'broker restarts', 'Restarts of the Kafka broker, half of them by kill -9.', 20); // prettier-ignore
export const redisRestart = restarts('redis', 'redis restarts', 'Restarts of Redis, half of them by kill -9.', 4);
export const postgresRestart = restarts('postgres', 'postgres restarts', 'Restarts of PostgreSQL, half of them by a crash.', 4); // prettier-ignore
