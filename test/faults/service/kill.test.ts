/** kill -9 at any moment: whatever was answered is answered again just so, once, and can be proved. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { createRandom } from '../../../src/stats/random.ts';
import { ran } from '../../support/command-lines.ts';
import { keptDirectory } from '../../support/directories.ts';
import { aClient, trainQuickModel } from '../../support/services.ts';
import { bodyOf, expectProved, expectRemembered } from './proofs.ts';
import { type Answered, type ServiceProcess, startPaying, startProcess } from './service-process.ts';

const KILLS = 52;
/** Longest time between the first answer and the kill, milliseconds. */
const LONGEST_RUN_MS = 250;
const directory = keptDirectory();
const modelsDir = join(directory, 'models');

let running: ServiceProcess | undefined;
const start = async (dataDir: string, ...words: readonly string[]): Promise<ServiceProcess> =>
  (running = await startProcess([
    ...['--data-dir', dataDir, '--models-dir', modelsDir, '--segment-mib', '1'],
    ...['--snapshot-every-records', '500', ...words],
  ]));
afterEach(() => void running?.child.kill('SIGKILL'));

beforeAll(async () => {
  execFileSync(join(import.meta.dirname, '../../../sentinel'), ['--version']); // builds what has changed
  await trainQuickModel(modelsDir);
});

it(`loses and doubles nothing over ${KILLS} kills under load`, async () => {
  const dataDir = join(directory, 'killed');
  const random = createRandom(20_261_121);
  let acknowledged = 0;
  let labels = 0;
  let last: ReadonlyMap<string, Answered> = new Map();
  for (let kill = 0; kill < KILLS; kill++) {
    const service = await start(dataDir, '--ledger', 'false');
    await expectRemembered(service.url, last);
    const payer = startPaying(service.url, `k${kill}`, 6, bodyOf);
    while (payer.answered.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const told = aClient(service.url).post('/api/v1/labels', {
      transaction_id: payer.answered.keys().next().value,
      is_fraud: true,
      source: 'chargeback',
    });
    const isTold = told.then(
      ({ status }) => status === 200,
      () => false,
    );
    await new Promise((resolve) => setTimeout(resolve, random.integer(LONGEST_RUN_MS)));
    service.child.kill('SIGKILL');
    expect(await service.ended).toBe('SIGKILL');
    payer.stop();
    while (payer.inFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(Object.keys(payer.statuses()).filter((status) => status !== '0')).toEqual(['200']);
    last = payer.answered;
    acknowledged += last.size;
    if (await isTold) labels++;
  }
  const service = await start(dataDir, '--ledger', 'false');
  await expectRemembered(service.url, last);
  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  await expectProved(dataDir, modelsDir, acknowledged);
  const { out } = await ran(`journal --data-dir ${dataDir} --json`, COMMANDS);
  const { records } = JSON.parse(out) as { records: { label: number } };
  expect(records.label).toBeGreaterThanOrEqual(labels);
  expect(acknowledged).toBeGreaterThan(KILLS * 5);
});

it('catches the ledger up with the journal after a kill', async () => {
  const dataDir = join(directory, 'with-ledger');
  let service = await start(dataDir);
  const opened = Date.now();
  while ((await aClient(service.url).get('/health')).body.database_status !== 'connected') {
    expect(Date.now() - opened).toBeLessThan(60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const payer = startPaying(service.url, 'l0', 4, bodyOf);
  while (payer.answered.size < 300) await new Promise((resolve) => setTimeout(resolve, 5));
  service.child.kill('SIGKILL');
  await service.ended;
  payer.stop();
  service = await start(dataDir);
  await expectRemembered(service.url, payer.answered);
  const client = aClient(service.url);
  const from = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString());
  const restarted = Date.now();
  for (;;) {
    const { ledger_lag_records: lag } = (await client.get('/api/v1/monitoring/metrics')).body;
    const stats = await client.get(`/api/v1/stats?from=${from}`);
    if (lag === 0 && stats.status === 200) {
      expect(stats.body.decisions).toBeGreaterThanOrEqual(payer.answered.size);
      break;
    }
    expect(Date.now() - restarted).toBeLessThan(60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  await expectProved(dataDir, modelsDir, payer.answered.size);
});

it('answers what is in flight at SIGTERM, ends with 0 within 10 s and starts from its snapshot', async () => {
  const dataDir = join(directory, 'terminated');
  const service = await start(dataDir, '--ledger', 'false');
  const payer = startPaying(service.url, 't0', 16, bodyOf);
  while (payer.answered.size < 200) await new Promise((resolve) => setTimeout(resolve, 1));
  payer.stop(); // what is in flight now was sent before the signal
  expect(payer.inFlight()).toBeGreaterThan(0);
  const startedMs = performance.now();
  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  while (payer.inFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(Object.keys(payer.statuses())).toEqual(['200']);
  const again = await start(dataDir, '--ledger', 'false');
  await expectRemembered(again.url, payer.answered);
  again.child.kill('SIGTERM');
  expect(await again.ended).toBe(0);
  await expectProved(dataDir, modelsDir, payer.answered.size);
});
