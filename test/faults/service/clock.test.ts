/** The clock jumps to and fro while payments come, and between starts: nothing answered is lost, and all of it can be proved. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/stats/random.ts';
import { keptDirectory } from '../../support/directories.ts';
import { aClient, trainQuickModel } from '../../support/services.ts';
import { bodyOf, expectProved, expectRemembered } from './proofs.ts';
import { type Answered, type ServiceProcess, startPaying, startProcess } from './service-process.ts';

const ROUNDS = 4;
const JUMPS = 12;
const WAIT = { timeout: 60_000, interval: 10 } as const;
/** Seconds from the true time, as libfaketime writes them. */
const OFFSETS = ['+0', '-1', '+1', '-90', '+90', '-7200', '+7200', '-172800', '+172800', '-31536000', '+2592000'];

const LIBRARIES = '/usr/lib';
const library = readdirSync(LIBRARIES)
  .map((folder) => join(LIBRARIES, folder, 'faketime', 'libfaketimeMT.so.1')) // one folder an architecture, as Debian has it
  .find((path) => existsSync(path));
if (library === undefined && process.env['CI'] === 'true') throw new Error('libfaketime is not installed');

const directory = keptDirectory();
const modelsDir = join(directory, 'models');
const dataDir = join(directory, 'data');
const offsetFile = join(directory, 'offset');
const setClock = (offset: string): void => writeFileSync(offsetFile, `${offset}\n`);

let running: ServiceProcess | undefined;
const start = async (): Promise<ServiceProcess> =>
  (running = await startProcess(
    ['--data-dir', dataDir, '--models-dir', modelsDir, '--segment-mib', '1', '--ledger', 'false', '--snapshot-every-records', '500'], // prettier-ignore
    {
      environment: {
        LD_PRELOAD: library!,
        FAKETIME_TIMESTAMP_FILE: offsetFile,
        FAKETIME_NO_CACHE: '1', // it looks at the file at every call
        FAKETIME_DONT_FAKE_MONOTONIC: '1', // as on a machine: only the time of day jumps
      },
    },
  ));
afterEach(() => void running?.child.kill('SIGKILL'));

describe.skipIf(library === undefined)('a clock that jumps (needs libfaketime: scripts/services tools)', () => {
  beforeAll(async () => {
    execFileSync(join(import.meta.dirname, '../../../sentinel'), ['--version']); // builds what has changed
    await trainQuickModel(modelsDir);
  });

  it('is what the service sees', async () => {
    setClock('-172800');
    const service = await start();
    const { timestamp } = (await aClient(service.url).get('/health')).body;
    expect(Math.abs(Date.now() - 172_800_000 - Date.parse(String(timestamp)))).toBeLessThan(60_000);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  });

  it('costs no answer and no proof, whether it jumps under load or between a kill and the next start', async () => {
    const random = createRandom(4_711);
    const jump = (): void => setClock(OFFSETS[random.integer(OFFSETS.length)]!);
    const answered = new Map<string, Answered>();
    for (let round = 0; round < ROUNDS; round++) {
      jump();
      const service = await start();
      const payer = startPaying(service.url, `c${round}`, 4, bodyOf);
      for (let index = 1; index <= JUMPS; index++) {
        await expect.poll(() => payer.answered.size, WAIT).toBeGreaterThan(20 * index);
        jump();
      }
      if (round % 2 === 0) service.child.kill('SIGKILL');
      else payer.stop();
      if (round % 2 === 1) await expect.poll(payer.inFlight, WAIT).toBe(0);
      service.child.kill('SIGTERM');
      expect(await service.ended).toBe(round % 2 === 0 ? 'SIGKILL' : 0);
      payer.stop();
      await expect.poll(payer.inFlight, WAIT).toBe(0);
      expect(Object.keys(payer.statuses()).filter((status) => status !== '0')).toEqual(['200']);
      for (const [id, each] of payer.answered) answered.set(id, each);
    }
    setClock('+0');
    const service = await start();
    await expectRemembered(service.url, answered);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    await expectProved(dataDir, modelsDir, answered.size);
  });
});
