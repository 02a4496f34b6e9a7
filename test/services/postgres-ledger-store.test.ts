import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openLedgerStore } from '../../src/adapters/postgres/ledger-store.ts';
import { migrate, MIGRATIONS } from '../../src/adapters/postgres/migrations.ts';
import { openServer, poolServer } from '../../src/adapters/postgres/open-server.ts';
import { describeSchema } from '../../src/adapters/postgres/schema-reference.ts';
import { startServerLedger } from '../../src/adapters/postgres/server-ledger.ts';
import { testLedgerStore } from '../contracts/ledger-store.ts';
import { testLedgerUpgrade } from '../contracts/ledger-upgrade.ts';
import { startPostgresServer } from '../support/postgres-server.ts';

const server = startPostgresServer();
const catalogue = { hash: 'c1', names: ['amount', 'age', 'speed'] };

if (server === undefined) {
  it.skip('needs PostgreSQL installed (apt-get install postgresql)');
} else {
  afterAll(() => server.stop());

  const connect = (database: string): Kysely<unknown> =>
    new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: server.url(database), max: 4 }) }),
    });

  testLedgerStore(`PostgreSQL ${server.version}`, async () =>
    openLedgerStore(await openServer({ url: server.createDatabase('direct'), poolSize: 4 }), catalogue),
  );

  testLedgerStore(`PostgreSQL ${server.version} through its thread`, async () => {
    const url = server.createDatabase('threaded');
    const { store, ready } = startServerLedger({ server: { url, poolSize: 4 }, catalogue, isPatient: false });
    await ready;
    return store;
  });

  testLedgerUpgrade(`PostgreSQL ${server.version}`, (version) =>
    Promise.resolve(poolServer({ url: server.createDatabase(`upgraded_from_${version}`), poolSize: 4 })),
  );

  describe('migrations on a server', () => {
    it('may be run by several processes at once', async () => {
      server.createDatabase('raced');
      const migrators = Array.from({ length: 4 }, () => connect('raced'));
      const applied = await Promise.all(migrators.map((each) => migrate(each)));
      expect(applied.flat()).toEqual(MIGRATIONS.map(({ version }) => version));
      expect(await describeSchema(migrators[0]!)).toContain('## transactions');
      await Promise.all(migrators.map((each) => each.destroy()));
    });
  });
}
