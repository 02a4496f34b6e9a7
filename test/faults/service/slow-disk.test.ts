/** A disk that takes its time: answers wait for it, nobody is told anything early, and no kill in between loses any. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { keptDirectory } from '../../support/directories.ts';
import { trainQuickModel } from '../../support/services.ts';
import { bodyOf, expectProved, expectRemembered } from './proofs.ts';
import { type Answered, type ServiceProcess, startPaying, startProcess } from './service-process.ts';

const WRITE_MS = 20;
const STALL_MS = 700;
const KILLS = 4;
const CONNECTIONS = 24;
const WAIT = { timeout: 60_000, interval: 10 } as const;

const directory = keptDirectory();
const modelsDir = join(directory, 'models');

let running: ServiceProcess | undefined;
const start = async (dataDir: string, slow: boolean, ...words: readonly string[]): Promise<ServiceProcess> =>
  (running = await startProcess(
    ['--data-dir', dataDir, '--models-dir', modelsDir, '--segment-mib', '1', '--ledger', 'false', ...words],
    slow
      ? {
          preload: join(import.meta.dirname, 'slow-disk.mjs'),
          environment: { SLOW_DISK_MS: String(WRITE_MS), SLOW_DISK_STALL_MS: String(STALL_MS) },
        }
      : {},
  ));
afterEach(() => void running?.child.kill('SIGKILL'));

beforeAll(async () => {
  execFileSync(join(import.meta.dirname, '../../../sentinel'), ['--version']); // builds what has changed
  await trainQuickModel(modelsDir);
});

it('answers no earlier than the disk, and keeps what it answered over kills', async () => {
  const dataDir = join(directory, 'killed');
  const answered = new Map<string, Answered>();
  for (let kill = 0; kill < KILLS; kill++) {
    const service = await start(dataDir, true);
    const began = performance.now();
    const payer = startPaying(service.url, `s${kill}`, CONNECTIONS, bodyOf);
    await expect.poll(() => payer.answered.size, WAIT).toBeGreaterThan(300);
    const seconds = (performance.now() - began) / 1_000;
    // Each block carries at most one answer a connection and takes a write.
    expect(payer.answered.size).toBeLessThanOrEqual((seconds * 1_000 * CONNECTIONS) / WRITE_MS + CONNECTIONS);
    service.child.kill('SIGKILL');
    await service.ended;
    payer.stop();
    await expect.poll(payer.inFlight, WAIT).toBe(0);
    expect(Object.keys(payer.statuses()).filter((status) => status !== '0')).toEqual(['200']);
    for (const [id, each] of payer.answered) answered.set(id, each);
  }
  const service = await start(dataDir, false);
  await expectRemembered(service.url, answered);
  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  await expectProved(dataDir, modelsDir, answered.size);
});

it('refuses with 503 what it could not answer in time, and records none of it', async () => {
  const dataDir = join(directory, 'overloaded');
  const service = await start(dataDir, true, '--in-flight-limit', '8');
  const payer = startPaying(service.url, 'o0', CONNECTIONS, bodyOf);
  await expect.poll(() => Math.min(payer.statuses()[503] ?? 0, payer.answered.size), WAIT).toBeGreaterThan(100);
  payer.stop();
  await expect.poll(payer.inFlight, WAIT).toBe(0);
  expect(Object.keys(payer.statuses())).toEqual(['200', '503']);
  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  const again = await start(dataDir, false);
  await expectRemembered(again.url, payer.answered);
  again.child.kill('SIGTERM');
  expect(await again.ended).toBe(0);
  await expectProved(dataDir, modelsDir, payer.answered.size);
  const { out } = await ran(`journal --data-dir ${dataDir} --json`, COMMANDS);
  expect(JSON.parse(out)).toMatchObject({ records: { decision: payer.answered.size } });
});
