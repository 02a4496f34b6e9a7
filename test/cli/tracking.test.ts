/** Runs as the command line keeps them, without MLflow, and with one that is not what it should be. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { sourceCommit } from '../../src/cli/source-control.ts';
import { getCatalogue } from '../../src/features/catalogue.ts';
import { type Run } from '../../src/ports/tracking.ts';
import { ran, type Ran } from '../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { createMlflowInMemory } from '../support/mlflow-in-memory.ts';

const directory = keptDirectory();
const data = join(directory, 'payments.csv');
const run = (line: string, environment: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: join(directory, 'models'), ...environment } });
const runs = async (): Promise<readonly Run[]> => JSON.parse((await run('runs --json')).out) as Run[];
const TRAIN = `train --data ${data} --learners tree --replicates 0`;

const requests: IncomingMessage[] = [];
let server: Server;
let broken = '';

beforeAll(async () => {
  await run(`generate --rows 2000 --users 100 --fraud-share 0.2 --seed 3 --out ${data}`);
  server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(500).end('{"message":"the disk is full"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  broken = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('a training', () => {
  it('leaves a run with what was asked, what it learned from and what came of it', async () => {
    const { version } = JSON.parse((await run(`${TRAIN} --seed 7 --json`)).out) as { version: string };
    const [listed] = await runs();
    expect(listed).toMatchObject({ source: 'sentinel train', status: 'finished', model: version });
    const kept = JSON.parse((await run(`runs show ${listed!.id.slice(0, 10)} --json`)).out) as Run;
    const { 'model.type': type, ...parameters } = kept.parameters;
    expect(type).toBe('tree');
    expect(parameters).toMatchObject({ learners: 'tree', seed: '7', mapping: 'sentinel', protocol: 'time-ordered', promote: 'false' }); // prettier-ignore
    const md5 = execFileSync('md5sum', [data], { encoding: 'utf8' }).split(' ')[0];
    expect(kept.inputs).toMatchObject([{ path: data, md5, bytes: readFileSync(data).length }]);
    const pointer = readFileSync(join(directory, 'models', 'runs', kept.id, 'artifacts', 'inputs', 'payments.csv.dvc'), 'utf8'); // prettier-ignore
    expect(pointer).toContain(md5);
    const card = JSON.parse(readFileSync(join(directory, 'models', version, 'model-card.json'), 'utf8')) as {
      periods: { evaluation: { metrics: { rocAuc: { value: number } } } }[];
    };
    const values = card.periods.map(({ evaluation }) => evaluation.metrics.rocAuc.value);
    const recorded = kept.metrics.filter(({ name }) => name === 'rocAuc');
    expect(recorded.map(({ step, value }) => [step, value])).toEqual(values.map((value, step) => [step, value]));
    expect(kept.importance.length).toBe(getCatalogue('sentinel').features.length);
    const text = (await run(`runs show ${kept.id}`)).out;
    expect(text).toContain('averagePrecision');
    expect((await run('runs')).out).toContain(version);
  });

  it('takes a file of any name', async () => {
    const path = join(directory, 'données_(1).csv');
    copyFileSync(data, path);
    const environment = { SENTINEL_MODELS_DIR: join(directory, 'apart') };
    expect(await run(`train --data ${path} --learners tree --replicates 0`, environment)).toMatchObject({
      exitCode: 0,
    });
    const [{ id }] = JSON.parse((await run('runs --json', environment)).out) as [Run];
    const pointer = readFileSync(join(directory, 'apart', 'runs', id, 'artifacts', 'inputs', 'donn-es_-1-.csv.dvc'), 'utf8'); // prettier-ignore
    expect(pointer).toContain("path: 'données_(1).csv'");
  });

  it('that fails at a card number leaves none of it in the run, which the journal and MLflow are told of', async () => {
    const path = join(directory, 'cards.csv');
    const [head, first, ...rest] = readFileSync(data, 'utf8').split('\n');
    const amountAt = head!.split(',').indexOf('amount');
    const cells = first!.split(',').map((cell, index) => (index === amountAt ? '4111 1111 1111 1111' : cell));
    writeFileSync(path, [head, cells.join(','), ...rest].join('\n'));
    const environment = { SENTINEL_MODELS_DIR: join(directory, 'cards') };
    const { exitCode, err } = await run(`train --data ${path} --learners tree`, environment);
    expect(exitCode).toBe(1);
    const [{ id, problem }] = JSON.parse((await run('runs --json', environment)).out) as [Run];
    expect(problem).toContain('column amount: does not parse as a number such as 1250.00 (value 411111******1111)');
    const kept = readFileSync(join(directory, 'cards', 'runs', id, 'run.json'), 'utf8');
    expect(err + kept).not.toContain('4111 1111');
  });

  it('that fails leaves a run that says why, and one that was asked for wrongly leaves none', async () => {
    const before = (await runs()).length;
    expect((await run(`train --data ${directory}/none.csv --learners tree`)).exitCode).toBe(1);
    expect((await runs())[0]).toMatchObject({ status: 'failed', problem: expect.stringContaining('no such file') as string }); // prettier-ignore
    expect((await run(`${TRAIN} --champion forest`)).exitCode).toBe(2);
    const alone = await run(`train --data ${data} --learners tree --champion stack`);
    expect(alone).toMatchObject({ exitCode: 2, err: expect.stringContaining('tree alone is no stack') as string });
    expect(await runs()).toHaveLength(before + 1);
  });

  it('that is interrupted leaves a run that was killed', async () => {
    const interruption = new AbortController();
    interruption.abort(new DOMException('SIGINT', 'AbortError'));
    const environment = { SENTINEL_MODELS_DIR: join(directory, 'models') };
    const { exitCode } = await ran(TRAIN, COMMANDS, { environment, signal: interruption.signal });
    expect(exitCode).toBe(130);
    expect((await runs())[0]).toMatchObject({ status: 'killed' });
  });

  it('goes its way when MLflow is broken, and runs sync says what is wrong', async () => {
    const environment = { MLFLOW_TRACKING_URI: broken, MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'p' };
    const { exitCode, err } = await run(TRAIN, environment);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 0,
      err: expect.stringContaining('the disk is full') as string,
    });
    expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ada:p').toString('base64')}`);
    const synced = await run('runs sync', { MLFLOW_TRACKING_URI: broken, MLFLOW_TRACKING_TOKEN: 't' });
    expect(synced).toMatchObject({ exitCode: 1, out: expect.stringMatching(/4 wait;.*\n.*500/) as string });
    expect(requests.at(-1)!.headers.authorization).toBe('Bearer t');
    expect(await run('models', { MLFLOW_TRACKING_URI: broken })).toMatchObject({ exitCode: 0 });
  });

  it('whose model is promoted in MLflow tells when a service would not start with it', async () => {
    const mlflow = createMlflowInMemory();
    vi.stubGlobal('fetch', mlflow.fetch);
    const policy = join(directory, 'policy.yaml');
    writeFileSync(policy, 'base_currency: EUR\nrates: { USD: 0.9 }\n');
    const environment = { SENTINEL_MODELS_DIR: join(directory, 'promoted'), MLFLOW_TRACKING_URI: 'http://mlflow' };
    for (const seed of [1, 2]) expect((await run(`${TRAIN} --seed ${seed}`, environment)).exitCode).toBe(0);
    mlflow.aliases.set('champion', '2');
    const synced = await run('runs sync', { ...environment, SENTINEL_POLICY_FILE: policy });
    vi.unstubAllGlobals();
    expect(synced).toMatchObject({ exitCode: 1, out: expect.stringMatching(/moved v\w+ to stage production\n.*A service under .*policy.yaml will not start with v\w+\..*EUR/) as string }); // prettier-ignore
  });

  it('is warned of by doctor', async () => {
    const places = `--data-dir ${directory}/state --port 0`;
    const trackingOf = async (environment: Readonly<Record<string, string>>) => {
      const { checks } = JSON.parse((await run(`doctor ${places} --json`, environment)).out) as { checks: { name: string; status: string; finding: string }[] }; // prettier-ignore
      return checks.find(({ name }) => name === 'tracking');
    };
    expect(await trackingOf({})).toMatchObject({
      status: 'ok',
      finding: expect.stringContaining('in files') as string,
    });
    const away = await trackingOf({ MLFLOW_TRACKING_URI: broken });
    expect(away).toMatchObject({ status: 'warn', finding: expect.stringContaining('the disk is full') as string });
  });

  it('is not sent anywhere without a server', async () => {
    expect(await run('runs sync')).toMatchObject({ exitCode: 2, err: expect.stringContaining('MLFLOW_TRACKING_URI') as string }); // prettier-ignore
    expect(await run('runs show ffff')).toMatchObject({ exitCode: 1, err: expect.stringContaining('ffff is not known') as string }); // prettier-ignore
  });
});

describe('the commit of a run', () => {
  it('is that of the repository, with word of changes; nothing outside one', async () => {
    const repository = aDirectory();
    const git = (...words: readonly string[]): string =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
        encoding: 'utf8',
      });
    expect(await sourceCommit(repository)).toEqual({});
    git('init', '-q');
    writeFileSync(join(repository, 'a'), '1');
    git('add', 'a');
    git('commit', '-qm', 'one');
    const commit = git('rev-parse', 'HEAD').trim();
    expect(await sourceCommit(repository)).toEqual({ commit, modified: false });
    writeFileSync(join(repository, 'a'), '2');
    expect(await sourceCommit(repository)).toEqual({ commit, modified: true });
  });
});
