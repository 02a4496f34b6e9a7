import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { type ServerSettings } from '../../src/adapters/postgres/open-server.ts';
import { startServerLedger } from '../../src/adapters/postgres/server-ledger.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { type SentinelError } from '../../src/domain/errors.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';
import { type RunningLedger } from '../../src/ports/ledger-store.ts';
import { createLedgerProjector } from '../../src/usecases/project-ledger.ts';
import { countsAt, recordAt } from '../faults/postgres/endless-records.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { NOON_MS } from '../support/transactions.ts';

const server = startPostgresServer();
const catalogue = { hash: 'c1', names: ['amount', 'age', 'speed'] };
const RECORDS = 6_000;
const DISCONNECTS = 25;
const RESTARTS = 3;

function start(url: string, isPatient = true, others: Partial<ServerSettings> = {}): RunningLedger {
  const ledger = startServerLedger({ server: { url, poolSize: 4, ...others }, catalogue, isPatient });
  onTestFinished(() => ledger.store.close());
  return ledger;
}

/** Projects a history while `disturb` does its worst; gives the errors the projector was told of. */
async function projectThrough(ledger: RunningLedger, disturb: () => Promise<void>): Promise<readonly unknown[]> {
  const journal = createMemoryJournal();
  for (let seq = 1; seq <= RECORDS; seq++) {
    const { seq: _, ...record } = recordAt(seq);
    void journal.append(record).committed;
  }
  const errors: unknown[] = [];
  const projector = createLedgerProjector(
    {
      journal,
      ledger: ledger.store,
      places: { ledger: 'a server', journal: 'memory' },
      clock: systemClock,
      pause: (ms) => pause(Math.min(ms, 50)), // the real back-off would make the test long
      onError: (error) => errors.push(error),
    },
    { cpuShare: 1 },
  );
  await disturb();
  await projector.flush();
  await projector.stop();
  return errors;
}

async function expectEverythingOnce(ledger: RunningLedger): Promise<void> {
  expect(await ledger.store.position(JOURNAL_SOURCE)).toBe(RECORDS);
  await expect.poll(() => ledger.state()).toBe('connected');
  const { decisions, labelled } = await ledger.store.stats(NOON_MS - 1, NOON_MS + 1);
  expect({ decisions, labelled }).toEqual(countsAt(RECORDS));
}

if (server === undefined) {
  it.skip('needs PostgreSQL installed (apt-get install postgresql)');
} else {
  afterAll(() => server.stop());

  describe('a ledger on a server', () => {
    it('loses and doubles nothing when its sessions are ended in the middle of their work', async () => {
      const ledger = start(server.createDatabase('terminated'));
      await ledger.ready;
      const errors = await projectThrough(ledger, async () => {
        for (let i = 0; i < DISCONNECTS; i++) {
          await pause(23);
          server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sentinel'");
        }
      });
      expect(errors.length).toBeGreaterThan(0);
      await expectEverythingOnce(ledger);
      expect(server.query("select count(*) from pg_stat_activity where application_name = 'sentinel'")).toMatch(/^\d$/);
    });

    it('loses and doubles nothing when the server crashes and comes back', async () => {
      const ledger = start(server.createDatabase('restarted'));
      await ledger.ready;
      const errors = await projectThrough(ledger, async () => {
        for (let i = 0; i < RESTARTS; i++) {
          await pause(60);
          server.restart();
        }
      });
      expect(errors.length).toBeGreaterThan(0);
      await expectEverythingOnce(ledger);
    });

    it('opens once the server is there, and says until then that it is not', async () => {
      const url = server.createDatabase('late');
      server.halt();
      const ledger = start(url);
      await expect.poll(() => ledger.state(), { timeout: 10_000 }).toBe('disconnected');
      await expect(ledger.store.decisions({ limit: 1 })).rejects.toMatchObject({ code: 'NOT_READY' });
      server.start();
      await ledger.ready;
      expect(ledger.state()).toBe('connected');
      await ledger.store.project(batchOf([aDecisionRecord({ seq: 1 })]));
      expect((await ledger.store.decisions({ limit: 1 })).rows).toHaveLength(1);
    });

    it('notices by itself that the server is away and back', async () => {
      const ledger = start(server.createDatabase('watched'));
      await ledger.ready;
      server.halt();
      await expect.poll(() => ledger.state(), { timeout: 10_000 }).toBe('disconnected');
      server.start();
      await expect.poll(() => ledger.state(), { timeout: 10_000 }).toBe('connected');
    });

    it('asks the replica where there is one, and goes on projecting while that is away', async () => {
      const [url, readUrl] = [server.createDatabase('written'), 'postgresql://127.0.0.1:1/nowhere'];
      const ledger = start(url, false, { readUrl });
      await ledger.ready;
      await ledger.store.project(batchOf([aDecisionRecord({ seq: 1 })]));
      expect(await ledger.store.position(JOURNAL_SOURCE)).toBe(1);
      await expect(ledger.store.decisions({ limit: 1 })).rejects.toMatchObject({ code: 'NOT_READY' });
    });
  });

  describe('a server that cannot hold the ledger', () => {
    const refusal = async (url: string): Promise<SentinelError> =>
      start(url, false).ready.then(
        () => expect.unreachable(),
        (error: SentinelError) => error,
      ); // prettier-ignore
    const as = (user: string, database = 'postgres'): string =>
      server.url(database).replace('user=postgres', `user=${user}`);

    it.each([
      ['nobody listens', 'postgresql://sentinel:s3cret@127.0.0.1:1/ledger', /127\.0\.0\.1:1\/ledger cannot be reached/, /Start it/],
      ['the host does not exist', 'postgresql://sentinel:s3cret@nowhere.invalid/ledger', /nowhere\.invalid:5432\/ledger cannot be reached/, /DB_HOST/],
    ])('is told from its address when %s', async (_, url, message, remedy) => {
      const error = await refusal(url);
      expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) }); // prettier-ignore
      expect(error.message + error.remedy).not.toContain('s3cret');
    }); // prettier-ignore

    it.each([
      ['the database is missing', () => server.url('missing'), /no such database/, /createdb/],
      ['the password is wrong', () => `${as('locked')}&password=s3cret`, /refuses the user’s password/, /DB_PASSWORD/],
      ['the user may not make tables', () => as('guest'), /lacks rights/, /OWNER TO/],
      ['it is a replica', () => `${as('reader')}`, /takes no writes/, /DATABASE_READ_URL/],
    ])('says what to do when %s', async (_, url, message, remedy) => {
      const error = await refusal(url());
      expect(error).toMatchObject({ code: 'DATABASE_REFUSED', message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) }); // prettier-ignore
      expect(error.message + error.remedy).not.toContain('s3cret');
    }); // prettier-ignore
  });

  server.query("create role locked login password 'another'");
  server.query('create role guest login');
  server.query('create role reader login superuser');
  server.query('alter role reader set default_transaction_read_only = on');
}
