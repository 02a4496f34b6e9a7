import { PGlite } from '@electric-sql/pglite';
import { Kysely } from 'kysely';
import { openLedgerStore } from '../../../src/adapters/postgres/ledger-store.ts';
import { createPgliteDialect } from '../../../src/adapters/postgres/pglite-dialect.ts';
import { testLedgerStore } from '../../contracts/ledger-store.ts';

testLedgerStore('PGlite', async () => {
  const database = new Kysely<unknown>({ dialect: createPgliteDialect(await PGlite.create()) });
  return openLedgerStore(database, { hash: 'c1', names: ['amount', 'age', 'speed'] });
});
