import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openLedgerStore } from '../../src/adapters/postgres/ledger-store.ts';
import { migrate } from '../../src/adapters/postgres/migrations.ts';
import { describeSchema } from '../../src/adapters/postgres/schema-reference.ts';
import { testLedgerStore } from '../contracts/ledger-store.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';

const server = startPostgresServer();

function connect({ socketDirectory }: PostgresServer, database = 'postgres'): Kysely<unknown> {
  const pool = new Pool({ host: socketDirectory, user: 'postgres', database, max: 4 });
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}

if (server === undefined) {
  it.skip('needs PostgreSQL installed (apt-get install postgresql)');
} else {
  afterAll(() => server.stop());

  testLedgerStore(`PostgreSQL ${server.version}`, () =>
    openLedgerStore(connect(server), { hash: 'c1', names: ['amount', 'age', 'speed'] }),
  );

  describe('migrations on a server', () => {
    it('may be run by several processes at once', async () => {
      const admin = connect(server);
      await sql`create database raced`.execute(admin);
      await admin.destroy();
      const migrators = Array.from({ length: 4 }, () => connect(server, 'raced'));
      const applied = await Promise.all(migrators.map((each) => migrate(each)));
      expect(applied.flat()).toEqual([1]);
      expect(await describeSchema(migrators[0]!)).toContain('## transactions');
      await Promise.all(migrators.map((each) => each.destroy()));
    });
  });
}
