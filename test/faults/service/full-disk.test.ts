/** A data directory on a file system of a few megabytes: it fills up, payments are refused, and it goes on when there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { takeLock } from '../../../src/adapters/system/lock.ts';
import { keptDirectory } from '../../support/directories.ts';
import { aClient, trainQuickModel } from '../../support/services.ts';
import { bodyOf, expectProved, expectReadable, expectRemembered } from './proofs.ts';
import { type Payer, type ServiceProcess, startPaying, startProcess } from './service-process.ts';

const SMALL_MIB = 3;
const LARGE_MIB = 64;
const WAIT = { timeout: 60_000, interval: 20 } as const;

const directory = keptDirectory();
const modelsDir = join(directory, 'models');

/** As root as such, else by sudo where that asks nothing. */
function asRoot(program: string, ...words: readonly string[]): void {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [first, ...rest] = [...sudo, program, ...words] as [string, ...string[]];
  execFileSync(first, rest, { stdio: 'pipe' });
}

function whyNot(): string | undefined {
  const probe = join(directory, 'probe');
  mkdirSync(probe);
  try {
    asRoot('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe);
    asRoot('umount', probe);
    return undefined;
  } catch {
    return 'the right to mount a small tmpfs (root, or sudo without a password)';
  }
}

interface SmallDisk {
  readonly path: string;
  resize(mebibytes: number): void;
}

function aSmallDisk(name: string): SmallDisk {
  const path = join(directory, name);
  mkdirSync(path);
  asRoot('mount', '-t', 'tmpfs', '-o', `size=${SMALL_MIB}m,mode=0777`, 'tmpfs', path);
  onTestFinished(() => asRoot('umount', '-l', path));
  return { path, resize: (mebibytes) => asRoot('mount', '-o', `remount,size=${mebibytes}m`, path) };
}

let running: ServiceProcess | undefined;
const start = async (dataDir: string): Promise<ServiceProcess> =>
  (running = await startProcess([
    ...['--data-dir', dataDir, '--models-dir', modelsDir, '--segment-mib', '1', '--ledger', 'false'],
  ]));
afterEach(() => void running?.child.kill('SIGKILL'));

/** Pays until so many payments were refused for want of a journal, then stops; only 200 and 503 may come. */
async function payUntilRefused(url: string, run: string): Promise<Payer> {
  const payer = startPaying(url, run, 6, bodyOf);
  await expect.poll(() => payer.statuses()[503] ?? payer.statuses()[0] ?? 0, WAIT).toBeGreaterThan(100);
  payer.stop();
  await expect.poll(payer.inFlight, WAIT).toBe(0);
  expect(Object.keys(payer.statuses()).filter((status) => status !== '200')).toEqual(['503']);
  return payer;
}

async function payAgain(url: string, run: string): Promise<Payer> {
  const payer = startPaying(url, run, 6, bodyOf);
  await expect.poll(() => payer.answered.size, WAIT).toBeGreaterThan(300);
  payer.stop();
  await expect.poll(payer.inFlight, WAIT).toBe(0);
  expect(Object.keys(payer.statuses())).toEqual(['200']);
  return payer;
}

const readiness = async (url: string): Promise<unknown> => {
  const { status, body } = await aClient(url).get('/readyz');
  return [status, body.reason];
};

const reason = whyNot();
describe.skipIf(reason !== undefined)(`a full disk${reason === undefined ? '' : ` (needs ${reason})`}`, () => {
  beforeAll(async () => {
    execFileSync(join(import.meta.dirname, '../../../sentinel'), ['--version']); // builds what has changed
    await trainQuickModel(modelsDir);
  });

  it('refuses payments while it lasts, still answers for the past, and goes on by itself', async () => {
    const disk = aSmallDisk('lasting');
    const service = await start(disk.path);
    const before = await payUntilRefused(service.url, 'f0');
    const client = aClient(service.url);
    const refused = await client.post('/api/v1/predict', { transaction_id: 'f-1', ...bodyOf('f-1') });
    expect(refused).toMatchObject({ status: 503, body: { code: 'DISK_FULL' } });
    const label = { transaction_id: before.answered.keys().next().value, is_fraud: true, source: 'chargeback' };
    expect(await client.post('/api/v1/labels', label)).toMatchObject({ status: 503, body: { code: 'DISK_FULL' } });
    expect(await readiness(service.url)).toEqual([503, 'the disk is full']);
    expect((await client.get('/livez')).status).toBe(200);
    expect((await client.get('/health')).body).toMatchObject({ status: 'unhealthy', stream_status: 'degraded' });
    expect(service.said()).toContain('ENOSPC');
    await expectReadable(service.url, before.answered);

    disk.resize(LARGE_MIB);
    await expect.poll(() => readiness(service.url), WAIT).toEqual([200, 'ready']);
    expect((await client.post('/api/v1/predict', { transaction_id: 'f-1', ...bodyOf('f-1') })).body.cached).toBe(false);
    const after = await payAgain(service.url, 'f1');
    service.child.kill('SIGKILL');
    await service.ended;
    const again = await start(disk.path);
    const answered = new Map([...before.answered, ...after.answered]);
    await expectRemembered(again.url, answered);
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
    await expectProved(disk.path, modelsDir, answered.size);
  });

  it('keeps nothing of what it could not take, and names the lock', () => {
    const disk = aSmallDisk('locked');
    expect(() => writeFileSync(join(disk.path, 'filler'), Buffer.alloc(2 * SMALL_MIB * 2 ** 20))).toThrow('ENOSPC');
    expect(() => takeLock(disk.path)).toThrow(
      expect.objectContaining({ code: 'ENOSPC', path: join(disk.path, 'lock') }),
    );
    expect(readdirSync(disk.path)).toEqual(['filler']);
  });

  it('starts again after a kill, and goes on when there is room', async () => {
    const disk = aSmallDisk('killed');
    const first = await start(disk.path);
    const before = await payUntilRefused(first.url, 'k0');
    first.child.kill('SIGKILL');
    await first.ended;
    const service = await start(disk.path);
    await expectReadable(service.url, before.answered);
    expect((await payUntilRefused(service.url, 'k1')).statuses()[503]).toBeGreaterThan(100);
    disk.resize(LARGE_MIB);
    await expect.poll(() => readiness(service.url), WAIT).toEqual([200, 'ready']);
    const after = await payAgain(service.url, 'k2');
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    await expectProved(disk.path, modelsDir, before.answered.size + after.answered.size);
  });
});
