import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedLedger } from '../../../src/adapters/postgres/embedded-ledger.ts';
import { openLedgerStore, soleDatabase } from '../../../src/adapters/postgres/ledger-store.ts';
import { openPglite } from '../../../src/adapters/postgres/open-pglite.ts';
import { createUpkeep } from '../../../src/adapters/postgres/upkeep.ts';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';
import { aDirectory } from '../../support/directories.ts';
import { aDecisionRecord } from '../../support/journal-records.ts';
import { batchOf } from '../../support/ledger-batches.ts';

let database: Kysely<unknown>;

beforeAll(async () => {
  database = await openPglite();
  await openLedgerStore(soleDatabase(database), []);
  await sql`create table filler (text text)`.execute(database);
}, 60_000);
afterAll(() => database.destroy());

const MEGABYTE = 2 ** 20;

const logFiles = async (): Promise<number> =>
  (await sql<{ files: number }>`select count(*)::int as files from pg_ls_waldir()`.execute(database)).rows[0]!.files;

/** Some 10 MB of the log. */
const write = (): Promise<unknown> =>
  sql`insert into filler select repeat(md5(n::text), 30) from generate_series(1, 10000) n`.execute(database);

it('ends the log of changes again and again, which would be kept whole', async () => {
  const keepUp = await createUpkeep(database, 0, 20 * MEGABYTE);
  const counted: number[] = [];
  for (let n = 1; n <= 12; n++) {
    await write();
    await keepUp(n);
    counted.push(await logFiles());
  }
  expect(Math.max(...counted)).toBeLessThanOrEqual(5);
  for (let n = 1; n <= 8; n++) await write();
  expect(await logFiles()).toBeGreaterThan(5);
}, 60_000);

it('counts values anew whenever the ledger has doubled', async () => {
  const isCounted = async (): Promise<boolean> => {
    const { rows } = await sql<{ reltuples: number }>`select reltuples from pg_class where relname = 'labels'`.execute(database); // prettier-ignore
    await sql`update pg_class set reltuples = -1 where relname = 'labels'`.execute(database);
    return rows[0]!.reltuples >= 0;
  };
  const keepUp = await createUpkeep(database, 600);
  await isCounted();
  const answers = [];
  for (const seq of [1_199, 1_200, 1_201, 2_399, 2_400]) {
    await keepUp(seq);
    answers.push(await isCounted());
  }
  expect(answers).toEqual([false, true, false, false, true]);
});

it('is what the embedded ledger does behind its batches', async () => {
  const directory = aDirectory();
  const { store, ready } = startEmbeddedLedger({ directory, catalogues: [] });
  await ready;
  const wide = Float64Array.from({ length: 2_000 }, () => Math.random()); // 16 kB a record
  for (let first = 1; first <= 8_000; first += 500) {
    const records = Array.from({ length: 500 }, (_, n) => aDecisionRecord({ seq: first + n, vector: wide }));
    await store.project(batchOf(records));
  }
  expect(await store.position(JOURNAL_SOURCE)).toBe(8_000);
  expect(readdirSync(join(directory, 'pgdata', 'pg_wal')).length).toBeLessThanOrEqual(9);
  await store.close();
}, 60_000);
