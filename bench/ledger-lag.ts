/** How far the ledger is behind the places given, asked of PostgreSQL and Redis themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'iovalkey';
import { Client } from 'pg';
import { JOURNAL_SOURCE } from '../src/ledger/source.ts';

export interface LedgerLag {
  /** Recorded and not in the ledger. */
  readonly records: number;
  /** Age of the newest payment in the ledger, no younger than the oldest one missing; 0 when none is. */
  readonly ms: number;
}

export interface LedgerWatch {
  lag(): Promise<LedgerLag>;
  /** Records that have a place. */
  recorded(): Promise<number>;
  /** Resolves when the ledger holds all that has a place now; to false when that takes longer than `limitMs`. */
  clear(limitMs: number, signal?: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 20;
/** `order` begins with epoch and last seq, u48 each; see adapters/redis/functions.ts. */
const [SEQ_AT, SEQ_BYTES] = [6, 6];

const POSITION = 'select position from ledger_positions where source = $1';
const NEWEST = 'select extract(epoch from created_at) * 1000 as ms from transactions order by seq desc limit 1';

/** `name` is what the keys on Redis begin with. */
export async function watchLedger(redisUrl: string, name: string, postgresUrl: string): Promise<LedgerWatch> {
  const redis = new Redis(redisUrl, { lazyConnect: true });
  const postgres = new Client({ connectionString: postgresUrl });
  await Promise.all([redis.connect(), postgres.connect()]);

  const recorded = async (): Promise<number> =>
    (await redis.getBuffer(`${name}:order`))?.readUIntLE(SEQ_AT, SEQ_BYTES) ?? 0;
  const position = async (): Promise<number> => {
    const { rows } = await postgres.query<{ position: string }>(POSITION, [JOURNAL_SOURCE]);
    return Number(rows[0]?.position ?? 0);
  };
  return {
    recorded,
    async lag() {
      const records = Math.max(0, (await recorded()) - (await position()));
      if (records === 0) return { records, ms: 0 };
      const { rows } = await postgres.query<{ ms: string }>(NEWEST);
      return { records, ms: rows[0] === undefined ? Infinity : Date.now() - Number(rows[0].ms) };
    },
    async clear(limitMs, signal) {
      const lastMs = performance.now() + limitMs;
      const all = await recorded();
      while ((await position()) < all) {
        if (performance.now() > lastMs) return false;
        await sleep(LOOK_EVERY_MS, undefined, { ...(signal && { signal }) });
      }
      return true;
    },
    async close() {
      redis.disconnect();
      await postgres.end();
    },
  };
}
