/** The serving benchmark on servers of its own: figures that agree with what was sent, and nothing left behind. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ServeBenched } from '../../src/cli/commands/bench-serve.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { serverAddresses } from '../support/servers.ts';
import { trainQuickModel } from '../support/services.ts';

const SENTINEL = join(import.meta.dirname, '../../sentinel');
const BUILT = join(import.meta.dirname, '../../dist/src/cli/main.js');
const [RATE, SECONDS] = [100, 2];
/** CPU time is told in ticks of 10 ms, and each figure is a difference of two. */
const TICK_US = 10_000;
/** Signals that come while one is waiting to be heard are one; nothing is tidied up by then. */
const BETWEEN_PRESSES_MS = 50;

const found = serverAddresses('kafka', 'redis', 'postgres');

interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the benchmark as a process; Ctrl-C comes `times`, when it has said `until`. */
async function bench(
  words: readonly string[],
  until?: string,
  environment: Readonly<Record<string, string>> = {},
  times = 1,
): Promise<Ended> {
  const child = spawn(process.execPath, [BUILT, 'bench', 'serve', '--mode', 'services', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const before = err;
    err += text;
    if (until === undefined || before.includes(until) || !err.includes(until)) return;
    for (let time = 0; time < times; time++) setTimeout(() => child.kill('SIGINT'), time * BETWEEN_PRESSES_MS);
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, out, err };
}

/** Command lines of all processes that name a path. */
const processesNaming = (path: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8')];
      } catch {
        return []; // it ended while we looked
      }
    })
    .filter((line) => line.includes(path));

if ('missing' in found) {
  it.skip(found.missing);
} else {
  describe('bench serve --mode services', () => {
    const modelsDir = join(keptDirectory(), 'models');
    const few = ['--rates', String(RATE), '--seconds', String(SECONDS), '--users', '200', '--models-dir', modelsDir];

    beforeAll(async () => {
      execFileSync(SENTINEL, ['--version']); // builds what has changed
      await trainQuickModel(modelsDir);
    });

    it('sends payments to an instance on real servers and says what each part of them cost', async () => {
      const { exitCode, out, err } = await bench([...few, '--json']);
      expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
      const { mode, dataDir, runs, bytesPerRecord } = JSON.parse(out) as ServeBenched;
      expect(mode).toBe('services');
      expect(runs.map(({ name }) => name)).toEqual([
        `single ${RATE}/s`,
        'single, saturated',
        'batch of 100, saturated',
        'NDJSON of 100, saturated',
      ]);
      const payments = RATE * SECONDS;
      expect(runs[0]!.statuses).toEqual({ 200: payments });
      // Each payment is new, so each is retrieved once, those of the lead-in too; those of the other runs are not among them.
      expect(runs[0]!.services!.retrievalMs.count).toBe(2 * payments);
      expect(runs[0]!.fdatasyncMs.count).toBeGreaterThan(0);
      for (const { name, paymentsPerSecond, latencyMs, cpuUs, services } of runs) {
        const { retrievalMs, ledgerLag, cpuUs: beside } = services!;
        const inRun = Math.max(1, Math.round(paymentsPerSecond * SECONDS));
        const [p50, p99] = [retrievalMs.p50, retrievalMs.p99].map((ms: number | null) => ms ?? Infinity); // beyond the last bucket
        expect(p50, name).toBeGreaterThan(0);
        expect(p99, name).toBeGreaterThanOrEqual(p50!);
        expect(retrievalMs.mean, name).toBeLessThan(latencyMs.max);
        expect(ledgerLag.clearedAfterMs, name).not.toBeNull();
        expect(ledgerLag.records > 0, name).toBe(ledgerLag.ms > 0);
        for (const [part, us] of Object.entries(beside)) expect(us, `${name}: ${part}`).toBeGreaterThan(0);
        const threads = cpuUs.scoringThread + cpuUs.httpThread + beside.leaderThread;
        expect(cpuUs.scoringThread, name).toBeGreaterThan(0);
        expect(cpuUs.httpThread, name).toBeGreaterThan(0);
        expect(threads, name).toBeLessThanOrEqual(cpuUs.process + (4 * TICK_US) / inRun);
      }
      for (const [server, bytes] of Object.entries(bytesPerRecord!)) {
        expect(bytes, server).toBeGreaterThan(30); // each holds something of a payment, and none the whole disk
        expect(bytes, server).toBeLessThan(100_000);
      }
      expect(existsSync(dataDir)).toBe(false);
      expect(processesNaming(dataDir)).toEqual([]);
    });

    it.each([
      ['at Ctrl-C', 1],
      ['at a second Ctrl-C, which it does not wait after', 2],
    ])('stops the instance and all servers %s', async (_, times) => {
      const temporary = aDirectory();
      chmodSync(temporary, 0o711); // PostgreSQL runs as a user of its own
      const { exitCode, err } = await bench(few, 'ready after', { TMPDIR: temporary }, times);
      expect({ exitCode, err: exitCode === 130 ? '' : err }).toEqual({ exitCode: 130, err: '' });
      expect(readdirSync(temporary)).toEqual([]);
      expect(processesNaming(temporary)).toEqual([]);
    });

    it('says which server is not installed', async () => {
      const programs = join(aDirectory(), 'programs');
      mkdirSync(programs);
      symlinkSync(process.execPath, join(programs, 'node'));
      for (const name of ['sh', 'dirname']) symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(programs, name)); // prettier-ignore
      const { exitCode, err } = await bench(few, undefined, { PATH: programs });
      expect(exitCode).toBe(1);
      expect(err).toContain('is not installed');
      expect(err).toContain('scripts/services start kafka');
    });

    it('refuses places for a journal that is in Kafka', async () => {
      const { exitCode, err } = await bench([...few, '--keep']);
      expect(exitCode).toBe(2);
      expect(err).toContain('--mode embedded');
    });
  });
}
