/** Opens PGlite on a directory or in memory, tuned for tables that can always be rebuilt. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, type Logger } from 'kysely';
import { INSERT_DECISIONS } from './decision-columns.ts';
import { createPgliteDialect } from './pglite-dialect.ts';
import { LABEL_STATEMENTS } from './project-labels.ts';

/**
 * Full-page images and replication logs guard against what a rebuild from the journal repairs anyway, as zeros in a new
 * file of the log do; of old ones as many are kept for use again as are written between two checkpoints. A smaller sample
 * keeps ANALYZE to a few hundred milliseconds.
 */
const TUNING = [
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'wal_init_zero=off',
  'min_wal_size=48MB',
  'max_wal_size=48MB',
  'default_statistics_target=10',
];

/** Where the database lies in the ledger's directory. */
export const embeddedPath = (directory: string): string => join(directory, 'pgdata');

/** A database in `directory`, or in memory without one; a new directory takes some seconds (initdb). `log` hears of statements. */
export async function openPglite(directory?: string, log?: Logger): Promise<Kysely<unknown>> {
  const pglite = await PGlite.create({
    ...(directory === undefined ? {} : { dataDir: directory }),
    startParams: [...PGlite.defaultStartParams, ...TUNING.flatMap((setting) => ['-c', setting])],
  });
  return new Kysely<unknown>({
    dialect: createPgliteDialect(pglite, [INSERT_DECISIONS, ...LABEL_STATEMENTS]),
    ...(log && { log }),
  });
}
