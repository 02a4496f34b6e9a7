import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { openLedgerStore } from '../../src/adapters/postgres/ledger-store.ts';
import { migrate, MIGRATIONS } from '../../src/adapters/postgres/migrations.ts';
import { openServer, poolServer } from '../../src/adapters/postgres/open-server.ts';
import { describeSchema } from '../../src/adapters/postgres/schema-reference.ts';
import { startServerLedger } from '../../src/adapters/postgres/server-ledger.ts';
import { testLedgerStore } from '../contracts/ledger-store.ts';
import { testLedgerUpgrade } from '../contracts/ledger-upgrade.ts';
import { aDatabase } from '../support/databases.ts';
import { serverAddress } from '../support/servers.ts';

const found = serverAddress('postgres');
const catalogue = { hash: 'c1', names: ['amount', 'age', 'speed'] };

if ('missing' in found) {
  it.skip(`needs PostgreSQL: ${found.missing}`);
} else {
  const database = (): Promise<string> => aDatabase(found.address);
  const connect = (connectionString: string): Kysely<unknown> =>
    new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString, max: 4 }) }),
    });

  testLedgerStore(`PostgreSQL`, async () =>
    openLedgerStore(await openServer({ url: await database(), poolSize: 4 }), [catalogue]),
  );

  testLedgerStore(`PostgreSQL through its thread`, async () => {
    const url = await database();
    const { store, ready } = startServerLedger({
      server: { url, poolSize: 4 },
      catalogues: [catalogue],
      isPatient: false,
    });
    await ready;
    return store;
  });

  testLedgerUpgrade(`PostgreSQL`, async () => poolServer({ url: await database(), poolSize: 4 }));

  describe('migrations on a server', () => {
    it('may be run by several processes at once', async () => {
      const url = await database();
      const migrators = Array.from({ length: 4 }, () => connect(url));
      const applied = await Promise.all(migrators.map((each) => migrate(each)));
      expect(applied.flat()).toEqual(MIGRATIONS.map(({ version }) => version));
      expect(await describeSchema(migrators[0]!)).toContain('## transactions');
      await Promise.all(migrators.map((each) => each.destroy()));
    });
  });
}
