import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { startEmbeddedLedger } from '../../../src/adapters/postgres/embedded-ledger.ts';
import { NOON_MS } from '../../support/transactions.ts';
import { aDirectory } from '../../support/directories.ts';
import { CATALOGUE, countsAt } from './endless-records.ts';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';

const KILLS = 6;
/** Milliseconds after the first batch: each kill finds the projection at another point. */
const delayMs = (round: number): number => 40 + 53 * round;

/** Lets a child project, kills it, and returns the last position it was sure of. */
async function projectUntilKilled(directory: string, afterMs: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'projecting-child.ts'), directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let position = -1;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    position = Number(line);
  });
  await once(lines, 'line');
  await once(lines, 'line'); // one batch is in
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await once(child, 'close');
  return position;
}

it('holds whole batches and their position together, however often it is killed', async () => {
  const directory = aDirectory();
  let before = 0;
  for (let round = 0; round < KILLS; round++) {
    const sure = await projectUntilKilled(directory, delayMs(round));
    const { store, ready } = startEmbeddedLedger({ directory, catalogues: [CATALOGUE] });
    expect(await ready).toEqual({ rebuilding: false });
    const position = await store.position(JOURNAL_SOURCE);
    expect(position).toBeGreaterThanOrEqual(Math.max(sure, before));
    expect(position % 20).toBe(0);
    const { decisions, labelled } = await store.stats(NOON_MS - 1, NOON_MS + 1);
    expect({ decisions, labelled }).toEqual(countsAt(position));
    expect((await store.decisions({ limit: 1 })).rows[0]?.seq).toBe(position - 1);
    await store.close();
    before = position;
  }
  expect(before).toBeGreaterThanOrEqual(20 * KILLS);
}, 240_000);
