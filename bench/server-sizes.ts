/** What payments leave behind on servers of our own: the journal's files, the store's memory, the ledger's database. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Redis } from 'iovalkey';
import { Client } from 'pg';
import { type ServerName } from './own-servers.ts';

export interface ServerPlaces {
  /** Below it the broker keeps its files. */
  readonly directory: string;
  readonly redis: string;
  readonly postgres: string;
}

/** A partition of the topic `journal`; its indexes are not counted. */
const isJournal = (path: string): boolean => /^journal-\d+$/.test(basename(dirname(path))) && path.endsWith('.log');

/** Bytes of each; one copy of the journal, however many replicas there are. */
export async function serverSizes(places: ServerPlaces): Promise<Readonly<Record<ServerName, number>>> {
  const files = readdirSync(places.directory, { recursive: true, encoding: 'utf8' }).filter(isJournal);
  const kafka = files.reduce((sum, path) => sum + statSync(join(places.directory, path)).size, 0);
  const redis = new Redis(places.redis, { lazyConnect: true });
  const postgres = new Client({ connectionString: places.postgres });
  try {
    await Promise.all([redis.connect(), postgres.connect()]);
    const used = /^used_memory:(\d+)/m.exec(await redis.info('memory'));
    const { rows } = await postgres.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
    return { kafka, redis: Number(used?.[1] ?? NaN), postgres: Number(rows[0]!.bytes) };
  } finally {
    redis.disconnect();
    await postgres.end();
  }
}
