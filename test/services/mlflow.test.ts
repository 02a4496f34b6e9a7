/** Tracking against a real MLflow server, seen and changed by MLflow's own client; server down, cut off, slow. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMlflowServer } from '../../src/adapters/mlflow/tracking-server.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type ModelEntry } from '../../src/ports/model-registry.ts';
import { type Run } from '../../src/ports/tracking.ts';
import { describeTrackingServer } from '../contracts/tracking-server.ts';
import { ran, type Ran } from '../support/command-lines.ts';
import { aMlflowServer, type MlflowProcess } from '../support/mlflow-server.ts';
import { pythonWith, runProgram } from '../support/python.ts';
import { aTcpProxy, type TcpProxy } from '../../bench/tcp-proxy.ts';

interface Seen {
  readonly runs: readonly {
    readonly id: string;
    readonly status: string;
    readonly seconds: number | null;
    readonly parameters: Readonly<Record<string, string>>;
    readonly metrics: Readonly<Record<string, number>>;
    readonly steps: readonly (readonly [number, number])[];
    readonly tags: Readonly<Record<string, string>>;
    readonly digests: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
    readonly importance?: readonly string[];
  }[];
  readonly versions: readonly { readonly number: number; readonly version: string; readonly stage: string }[];
  readonly aliases: Readonly<Record<string, string | number>>;
  readonly champion: Readonly<Record<string, string>>;
}

const INSTALL_MS = 900_000;
const directory = mkdtempSync(join(tmpdir(), 'sentinel-mlflow-'));
const data = join(directory, 'payments.csv.gz');
const models = join(directory, 'models');
let programs = '';
let mlflow: MlflowProcess;

/** A command with the server at `uri`. */
const run = (line: string, uri = mlflow.uri, timeoutMs = 20_000): Promise<Ran> =>
  ran(line, COMMANDS, {
    environment: {
      SENTINEL_MODELS_DIR: models,
      MLFLOW_TRACKING_URI: uri,
      SENTINEL_MLFLOW_TIMEOUT_MS: String(timeoutMs),
    },
  });
async function answer<T>(line: string, uri?: string): Promise<T> {
  const { exitCode, out, err } = await run(`${line} --json`, uri);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as T;
}
const TRAIN = `train --data ${data} --learners tree --replicates 0`;
const client = (verb: string, ...words: readonly string[]): string =>
  runProgram(join(programs, 'python'), join(import.meta.dirname, 'mlflow-client.py'), verb, mlflow.uri, ...words);
const see = (): Seen => JSON.parse(client('see')) as Seen;
const hashes = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')])); // prettier-ignore
const numberOf = (version: string): string => String(see().versions.find((each) => each.version === version)!.number);
const stageOf = async (version: string): Promise<string | undefined> =>
  (await answer<readonly ModelEntry[]>('models')).find((entry) => entry.version === version)?.stage;

beforeAll(async () => {
  programs = pythonWith(directory, ['mlflow'], process.env['TEST_MLFLOW_PROGRAMS']);
  mlflow = await aMlflowServer(programs, directory);
  await mlflow.start();
  await answer(`generate --rows 3000 --users 150 --fraud-share 0.15 --seed 3 --out ${data}`);
}, INSTALL_MS);
afterAll(async () => {
  await mlflow.stop();
  rmSync(directory, { recursive: true, force: true });
});

describeTrackingServer('MLflow itself', async () =>
  createMlflowServer({ uri: mlflow.uri, timeoutMs: 20_000, experiment: 'contract', registeredModel: 'contract' }),
);

describe('a training', () => {
  let version = '';

  it('is in MLflow with everything it recorded, and its files to the byte', async () => {
    ({ version } = await answer<{ version: string }>(TRAIN));
    const [ours] = await answer<readonly Run[]>('runs');
    const kept = await answer<Run>(`runs show ${ours!.id}`);
    const { runs, versions, aliases, champion } = see();
    const shown = runs.find(({ id }) => id === ours!.id)!;
    expect(shown.status).toBe('FINISHED');
    expect(shown.seconds).toBeCloseTo((kept.endedMs! - kept.startedMs) / 1_000, 3);
    expect(shown.parameters).toEqual(kept.parameters);
    expect(shown.steps).toEqual(kept.metrics.filter(({ name }) => name === 'rocAuc').map(({ step, value }) => [step, value])); // prettier-ignore
    expect(shown.steps).toHaveLength(5);
    const latest = Object.fromEntries(kept.metrics.map(({ name, value }) => [name, value]));
    expect(shown.metrics).toEqual(latest);
    expect(shown.tags).toMatchObject({ 'mlflow.source.name': 'sentinel train', 'sentinel.version': version });
    expect(shown.tags['mlflow.source.git.commit']).toBe(kept.commit);
    expect(shown.digests).toEqual([kept.inputs[0]!.md5]);
    expect(shown.importance).toEqual(kept.importance.map(({ feature }) => feature));
    const { 'manifest.json': _, ...files } = hashes(join(models, version));
    const inModel = Object.fromEntries(Object.entries(files).map(([name, hash]) => [`model/${name}`, hash]));
    expect(shown.files).toMatchObject(inModel);
    expect(shown.files!['inputs/payments.csv.gz.dvc']).toBe(kept.artifacts[0]!.sha256);
    expect(versions).toMatchObject([{ version, stage: 'Production' }]);
    expect(Object.keys(aliases)).toEqual(['champion']);
    expect(champion).toEqual(files);
    const doctor = await run(`doctor --data-dir ${directory}/state --port 0`);
    expect(doctor.out).toMatch(/^ok +tracking +MLflow at .* answers and shows 1 model versions$/m);
  });

  it('that fails is there as failed, with the reason', async () => {
    expect((await run(`train --data ${directory}/missing.csv --learners tree`)).exitCode).toBe(1);
    const failed = see().runs.filter(({ status }) => status === 'FAILED');
    expect(failed).toHaveLength(1);
    expect(failed[0]!.tags['sentinel.problem']).toContain('there is no such file');
  });

  it('shares its stages with MLflow both ways', async () => {
    const { version: second } = await answer<{ version: string }>(TRAIN);
    await answer(`models stage ${second}`);
    expect(see().aliases).toMatchObject({ champion: Number(numberOf(version)), challenger: Number(numberOf(second)) });
    client('alias', 'champion', numberOf(second));
    expect(await stageOf(second)).toBe('production');
    expect(await stageOf(version)).toBe('archived');
    client('stage', numberOf(version), 'Production');
    expect(await stageOf(version)).toBe('production');
    const { versions, aliases } = see();
    expect(versions.map(({ version: name, stage }) => [name, stage]).sort()).toEqual([[version, 'Production'], [second, 'Archived']]); // prettier-ignore
    expect(aliases).toEqual({ champion: Number(numberOf(version)) });
    await answer(`models promote ${second}`);
    expect(see().aliases).toEqual({ champion: Number(numberOf(second)) });
  });
});

describe('a server in trouble', () => {
  /** Trains while the server is in trouble; everything must be in MLflow after one synchronisation on a sound line. */
  async function trainsAnyway(
    uri: string,
    timeoutMs?: number,
  ): Promise<{ readonly err: string; readonly seconds: number }> {
    const began = performance.now();
    const { exitCode, err, out } = await run(`${TRAIN} --json`, uri, timeoutMs);
    expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
    expect((JSON.parse(out) as { version: string }).version).toMatch(/^v/);
    return { err, seconds: (performance.now() - began) / 1_000 };
  }
  const aLine = (): Promise<TcpProxy> => aTcpProxy(Number(new URL(mlflow.uri).port));
  async function arrivesLater(): Promise<void> {
    const runs = await answer<readonly Run[]>('runs');
    await answer('runs sync');
    const seen = new Map(see().runs.map(({ id, status }) => [id, status]));
    const statuses = { finished: 'FINISHED', failed: 'FAILED', killed: 'KILLED', running: 'RUNNING' } as const;
    expect(seen).toEqual(new Map(runs.map(({ id, status }) => [id, statuses[status]])));
    expect(await answer('runs sync')).toMatchObject({ sent: 0, waiting: 0, problems: [] });
    const entries = await answer<readonly ModelEntry[]>('models');
    expect(
      see()
        .versions.map(({ version }) => version)
        .sort(),
    ).toEqual(entries.map(({ version }) => version).sort());
  }

  it('that is down does not stop a training, which arrives later', async () => {
    await mlflow.stop();
    const { err } = await trainsAnyway(mlflow.uri);
    expect(err).toContain('nothing listens there');
    expect(err).toMatch(/\d+ runs wait/);
    await mlflow.start();
    await arrivesLater();
  });

  it.each([1, 4, 7, 9])('that is cut off after %i messages does not stop a training', async (messages) => {
    const line = await aLine();
    // The state is kept by address: on the line, everything is sent from the beginning.
    line.cutAfter(messages);
    expect((await trainsAnyway(`http://${line.address}`)).err).toContain('MLflow');
    await line.close();
    await arrivesLater();
  });

  it('that is slow makes a training wait no longer than it may', async () => {
    const line = await aLine();
    line.delay(30_000);
    const { err, seconds } = await trainsAnyway(`http://${line.address}`, 500);
    expect(err).toContain('no answer within 500 ms');
    expect(seconds).toBeLessThan(20);
    await line.close();
    await arrivesLater();
  });
});
