/** How the store on Redis is opened: its place, how long calls may take, how long what is shared is kept. */
import { type RedisOptions, type Retention } from '../../adapters/redis/connection.ts';
import { type Config } from '../../config.ts';
import { databaseServerOf } from '../../database-settings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../domain/time.ts';
import { redisUrlOf } from '../../redis-settings.ts';

/** A call of Redis not answered within this is given up. */
const TIMEOUT_MS = 2 * SECOND_MS;
const MAX_WAITING = 10_000;
/** Where there is a ledger, older decisions are found through it. */
const ANSWERS_KEPT_MS = HOUR_MS;
/** Chargebacks arrive within 120 days of the payment. */
const LABELS_KEPT_MS = 180 * DAY_MS;

/** Throws CONFIG_INVALID when no server is configured. */
export function redisOptionsOf(config: Config): RedisOptions & Retention {
  const url = redisUrlOf(config);
  if (url === undefined) throw new SentinelError('CONFIG_INVALID', { problems: 'no Redis server is named: set REDIS_URL' }); // prettier-ignore
  const idWindowMs = config.exactIdDays * DAY_MS;
  const hasLedger = config.ledger && databaseServerOf(config) !== undefined;
  return {
    url,
    name: config.redisName,
    timeoutMs: TIMEOUT_MS,
    maxWaiting: MAX_WAITING,
    idWindowMs,
    answerMs: hasLedger ? Math.min(ANSWERS_KEPT_MS, idWindowMs) : idWindowMs,
    labelMs: LABELS_KEPT_MS,
  };
}
