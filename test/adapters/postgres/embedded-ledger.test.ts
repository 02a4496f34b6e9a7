import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startEmbeddedLedger } from '../../../src/adapters/postgres/embedded-ledger.ts';
import { testLedgerStore } from '../../contracts/ledger-store.ts';
import { aDecisionRecord } from '../../support/journal-records.ts';
import { aDirectory } from '../../support/directories.ts';
import { batchOf } from '../../support/ledger-batches.ts';
import { aProcessNotReaped } from '../../support/processes.ts';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';

const catalogue = { hash: 'c1', names: ['amount', 'age', 'speed'] };

testLedgerStore('PGlite in its thread', async () => {
  const { store, ready } = startEmbeddedLedger({ catalogues: [catalogue] });
  await ready;
  return store;
});

describe('the embedded ledger', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ledger-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('says it is not ready until it is, keeps others out, and still knows everything when opened again', async () => {
    const first = startEmbeddedLedger({ directory, catalogues: [catalogue] });
    expect(first.state()).toBe('starting');
    await expect(first.store.decisions({ limit: 1 })).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(await first.store.position(JOURNAL_SOURCE)).toBe(0); // waits
    expect(first.state()).toBe('connected');
    expect(await first.ready).toEqual({ rebuilding: false });
    expect(() => startEmbeddedLedger({ directory, catalogues: [catalogue] })).toThrow(
      `in use by process ${process.pid}`,
    );
    await first.store.project(batchOf([aDecisionRecord({ seq: 1 })]));
    await first.store.close();
    await expect(first.store.decisions({ limit: 1 })).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(first.state()).toBe('disconnected');

    const second = startEmbeddedLedger({ directory, catalogues: [catalogue] });
    await second.ready;
    expect(await second.store.position(JOURNAL_SOURCE)).toBe(1);
    expect((await second.store.decisions({ limit: 9 })).rows).toHaveLength(1);
    await second.store.close();
  }, 60_000);

  it.runIf(process.platform === 'linux')(
    'is taken over from a service that was killed with its supervisor, and from its process',
    async () => {
      const directory = join(aDirectory(), 'ledger');
      mkdirSync(directory);
      const killed = [await aProcessNotReaped(), await aProcessNotReaped()] as const;
      await Promise.all(killed.map(({ end }) => end()));
      writeFileSync(join(directory, 'service.lock'), `${killed[0].own} killed\n`);
      writeFileSync(join(directory, 'lock'), `${killed[1].own} killed\n`);
      const { ready, store } = startEmbeddedLedger({ directory, catalogues: [catalogue] });
      expect(await ready).toEqual({ rebuilding: false });
      await store.close();
    },
    60_000,
  );

  it('comes back with what it holds when its process alone is killed', async () => {
    const directory = aDirectory();
    const notices: string[] = [];
    const { store, ready, state } = startEmbeddedLedger({ directory, catalogues: [catalogue] }, { onNotice: (text) => notices.push(text) });
    await ready;
    await store.project(batchOf([aDecisionRecord({ seq: 1 })]));
    process.kill(parseInt(readFileSync(join(directory, 'lock'), 'utf8')), 'SIGKILL');
    const lost = store.project(batchOf([aDecisionRecord({ seq: 2 })]));
    await expect(lost).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect.poll(state, { timeout: 30_000 }).toBe('connected');
    expect(notices).toEqual([expect.stringMatching(/SIGKILL.*started again in 1 s/), expect.stringMatching(/open again/)]);
    expect(await store.position(JOURNAL_SOURCE)).toBe(1);
    await store.project(batchOf([aDecisionRecord({ seq: 2 })]));
    expect(await store.position(JOURNAL_SOURCE)).toBe(2);
    await store.close();
  }, 60_000); // prettier-ignore

  it('is closed to other users of the machine, as the journal is', async () => {
    const directory = join(aDirectory(), 'data', 'ledger');
    const { store, ready } = startEmbeddedLedger({ directory, catalogues: [catalogue] });
    await ready;
    expect(statSync(directory).mode & 0o077).toBe(0);
    await store.close();
  }, 60_000);

  it('is made anew when the machine went down while it was open, and only then', async () => {
    const opened = async (mark?: string) => {
      if (mark !== undefined) writeFileSync(join(directory, 'open'), mark);
      const { ready, store } = startEmbeddedLedger({ directory, catalogues: [catalogue] });
      const { rebuilding } = await ready;
      const position = await store.position(JOURNAL_SOURCE);
      const own = readFileSync(join(directory, 'open'), 'utf8');
      await store.close();
      return { rebuilding, position, own };
    };
    const { own } = await opened();
    expect(existsSync(join(directory, 'open'))).toBe(false);
    expect(await opened(own)).toMatchObject({ rebuilding: false, position: 1 }); // the process alone was killed
    expect(await opened('an earlier run')).toMatchObject({ rebuilding: true, position: 0 });
  }, 60_000);

  it('can be closed while it is still opening', async () => {
    const { store, ready } = startEmbeddedLedger({ catalogues: [catalogue] });
    await store.close();
    await expect(ready).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});
