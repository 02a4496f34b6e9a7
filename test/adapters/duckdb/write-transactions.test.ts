/** What is written is read back through the mapping, payment for payment. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createTransactionSource } from '../../../src/adapters/duckdb/transaction-source.ts';
import { writeTransactions } from '../../../src/adapters/duckdb/write-transactions.ts';
import { SENTINEL_MAPPING } from '../../../src/datasets/mappings/sentinel.ts';
import { type LabelledTransaction } from '../../../src/domain/labelled-transaction.ts';
import { simulationOf } from '../../../src/simulation/scale.ts';
import { createSimulation } from '../../../src/simulation/simulation.ts';
import { labelledTransactions } from '../../support/labelled-transactions.ts';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-write-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function readBack(path: string): Promise<LabelledTransaction[]> {
  const opened = await createTransactionSource().open(SENTINEL_MAPPING, [path]);
  const rows: LabelledTransaction[] = [];
  for await (const batch of opened.read()) rows.push(...batch);
  opened.close();
  return rows;
}

describe.each(['.csv', '.csv.gz', '.parquet'])('a file ending in %s', (suffix) => {
  const path = join(directory, `round-trip${suffix}`);

  it('gives back any payments exactly', async () => {
    await fc.assert(
      fc.asyncProperty(labelledTransactions, async (rows) => {
        expect(await writeTransactions(path, rows)).toBe(rows.length);
        expect(await readBack(path)).toEqual(rows);
      }),
      { numRuns: 15 },
    );
  });

  it('gives back simulated payments exactly', async () => {
    const rows = [...createSimulation(simulationOf({ seed: 5, transactions: 5_000, users: 200 }))];
    await writeTransactions(path, rows);
    expect(await readBack(path)).toEqual(rows);
  });
});

describe('writing', () => {
  it('counts rows as they go', async () => {
    const heard: number[] = [];
    const rows = createSimulation(simulationOf({ seed: 5, transactions: 5_000, users: 200 }));
    await writeTransactions(join(directory, 'counted.csv'), rows, { onRows: (count) => heard.push(count) });
    expect(heard).toEqual([2_048, 4_096, 5_000]);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const before = readdirSync(directory);
    const controller = new AbortController();
    const endless = createSimulation(simulationOf({ seed: 5, transactions: Infinity, users: 200 }));
    const writing = writeTransactions(join(directory, 'stopped.parquet'), endless, {
      onRows: (count) => {
        if (count > 4_000) controller.abort();
      },
      signal: controller.signal,
    });
    await expect(writing).rejects.toThrow('abort');
    expect(readdirSync(directory)).toEqual(before);
  });

  it('refuses a name of no known format', async () => {
    await expect(writeTransactions(join(directory, 'rows.json'), [])).rejects.toMatchObject({ code: 'USAGE' });
  });
});
