import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEmbeddedLedger } from '../../../src/adapters/postgres/embedded-ledger.ts';
import { aDirectory } from '../../support/directories.ts';
import { CATALOGUE, recordAt } from './endless-records.ts';
import { batchOf } from '../../support/ledger-batches.ts';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';

const CHILD = join(import.meta.dirname, 'projecting-child.ts');

it('throws a damaged copy away and starts empty', async () => {
  const directory = aDirectory();
  const first = startEmbeddedLedger({ directory, catalogues: [CATALOGUE] });
  await first.store.project(batchOf([recordAt(1)]));
  await first.store.close();
  writeFileSync(join(directory, 'pgdata', 'global', 'pg_control'), 'nonsense');
  const { store, ready } = startEmbeddedLedger({ directory, catalogues: [CATALOGUE] });
  expect(await ready).toEqual({ rebuilding: true });
  expect(await store.position(JOURNAL_SOURCE)).toBe(0);
  await store.project(batchOf([recordAt(1)]));
  await store.close();
}, 120_000);

it('begins again where the making of the database was cut off', async () => {
  const directory = aDirectory();
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, directory], { stdio: 'ignore' });
  await expect.poll(() => existsSync(join(directory, 'pgdata', 'base')), { timeout: 60_000, interval: 10 }).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'close');
  const { store } = startEmbeddedLedger({ directory, catalogues: [CATALOGUE] });
  expect(await store.position(JOURNAL_SOURCE)).toBe(0);
  await store.project(batchOf([recordAt(1)]));
  await store.close();
}, 120_000);
