import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { type ServerSettings } from '../../src/adapters/postgres/open-server.ts';
import { startServerLedger } from '../../src/adapters/postgres/server-ledger.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { type SentinelError } from '../../src/domain/errors.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';
import { type RunningLedger } from '../../src/ports/ledger-store.ts';
import { createLedgerProjector } from '../../src/usecases/project-ledger.ts';
import { countsAt, recordAt } from '../faults/postgres/endless-records.ts';
import { aDatabase, query } from '../support/databases.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { ownServers, serverAddress } from '../support/servers.ts';
import { NOON_MS } from '../support/transactions.ts';

const found = serverAddress('postgres');
const catalogue = { hash: 'c1', names: ['amount', 'age', 'speed'] };
const RECORDS = 6_000;
const DISCONNECTS = 25;
const RESTARTS = 3;

function start(url: string, isPatient = true, others: Partial<ServerSettings> = {}): RunningLedger {
  const ledger = startServerLedger({ server: { url, poolSize: 4, ...others }, catalogues: [catalogue], isPatient });
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

if ('missing' in found) {
  it.skip(`needs PostgreSQL: ${found.missing}`);
} else {
  const servers = ownServers();
  servers.start('postgres');
  const address = servers.address('postgres');
  const SESSIONS = "pg_stat_activity where application_name = 'sentinel'";
  afterAll(() => servers.stop());
  /** At once, while a batch is on its way: a program that ends it would first have to start. */
  const crash = async (): Promise<void> => {
    const [file] = await query<{ text: string }>(address, "select pg_read_file('postmaster.pid') as text");
    process.kill(parseInt(file!.text), 'SIGQUIT');
  };

  describe('a ledger on a server', () => {
    it('loses and doubles nothing when its sessions are ended in the middle of their work', async () => {
      const ledger = start(await aDatabase(address));
      await ledger.ready;
      const errors = await projectThrough(ledger, async () => {
        for (let i = 0; i < DISCONNECTS; i++) {
          await pause(23);
          await query(address, `select pg_terminate_backend(pid) from ${SESSIONS}`);
        }
      });
      expect(errors.length).toBeGreaterThan(0);
      await expectEverythingOnce(ledger);
      const [left] = await query<{ sessions: number }>(address, `select count(*)::int as sessions from ${SESSIONS}`);
      expect(left!.sessions).toBeLessThan(10);
    });

    it('loses and doubles nothing when the server crashes and comes back', async () => {
      const ledger = start(await aDatabase(address));
      await ledger.ready;
      const errors = await projectThrough(ledger, async () => {
        for (let i = 0; i < RESTARTS; i++) {
          await pause(60);
          await crash();
          servers.start('postgres');
        }
      });
      expect(errors.length).toBeGreaterThan(0);
      await expectEverythingOnce(ledger);
    });

    it('opens once the server is there, and says until then that it is not', async () => {
      const url = await aDatabase(address);
      servers.kill('postgres');
      const ledger = start(url);
      await expect.poll(() => ledger.state(), { timeout: 10_000 }).toBe('disconnected');
      await expect(ledger.store.decisions({ limit: 1 })).rejects.toMatchObject({ code: 'NOT_READY' });
      servers.start('postgres');
      await ledger.ready;
      expect(ledger.state()).toBe('connected');
      await ledger.store.project(batchOf([aDecisionRecord({ seq: 1 })]));
      expect((await ledger.store.decisions({ limit: 1 })).rows).toHaveLength(1);
    });

    it('notices by itself that the server is away and back', async () => {
      const ledger = start(await aDatabase(address));
      await ledger.ready;
      servers.kill('postgres');
      await expect.poll(() => ledger.state(), { timeout: 10_000 }).toBe('disconnected');
      servers.start('postgres');
      await expect.poll(() => ledger.state(), { timeout: 10_000 }).toBe('connected');
    });

    it('asks the replica where there is one, and goes on projecting while that is away', async () => {
      const [url, readUrl] = [await aDatabase(address), 'postgresql://127.0.0.1:1/nowhere'];
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
    const as = (user: string, password = 'right', database = 'sentinel'): string => {
      const url = new URL(address);
      return Object.assign(url, { username: user, password, pathname: `/${database}` }).href;
    };
    beforeAll(async () => {
      const roles = ['create role guest login', 'create role reader login superuser'];
      for (const role of roles) await query(address, `${role} password 'right'`);
      await query(address, 'alter role reader set default_transaction_read_only = on');
    });

    it.each([
      ['nobody listens', 'postgresql://sentinel:s3cret@127.0.0.1:1/ledger', /127\.0\.0\.1:1\/ledger cannot be reached/, /Start it/],
      ['the host does not exist', 'postgresql://sentinel:s3cret@nowhere.invalid/ledger', /nowhere\.invalid:5432\/ledger cannot be reached/, /DB_HOST/],
    ])('is told from its address when %s', async (_, url, message, remedy) => {
      const error = await refusal(url);
      expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) }); // prettier-ignore
      expect(error.message + error.remedy).not.toContain('s3cret');
    }); // prettier-ignore

    it.each([
      ['the database is missing', () => as('reader', 'right', 'missing'), /no such database/, /createdb/],
      ['the password is wrong', () => as('guest', 's3cret'), /refuses the user’s password/, /DB_PASSWORD/],
      ['the user may not make tables', () => as('guest'), /lacks rights/, /OWNER TO/],
      ['it is a replica', () => as('reader'), /takes no writes/, /DATABASE_READ_URL/],
    ])('says what to do when %s', async (_, url, message, remedy) => {
      const error = await refusal(url());
      expect(error).toMatchObject({ code: 'DATABASE_REFUSED', message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) }); // prettier-ignore
      expect(error.message + error.remedy).not.toContain('s3cret');
    }); // prettier-ignore
  });
}
