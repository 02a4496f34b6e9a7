/** What an operator does with a service: asks, tells, loads, saves, restores, rebuilds. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTransactions } from '../../src/adapters/duckdb/write-transactions.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type Service } from '../../src/compose/service.ts';
import { simulationOf } from '../../src/simulation/scale.ts';
import { createSimulation } from '../../src/simulation/simulation.ts';
import { ran } from '../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { aClient, aConfig, type Client, startQuiet, trainQuickModel } from '../support/services.ts';

const directory = keptDirectory();
const modelsDir = join(directory, 'models');
const dataDir = join(directory, 'data');
const payments = join(directory, 'payments.csv');
const places = `--data-dir ${dataDir} --models-dir ${modelsDir}`;
const PAYMENTS = 400;
let service: Service;
let client: Client;

/** The result that `--json` prints, and the exit code. */
async function json(line: string): Promise<Readonly<Record<string, unknown>> & { exitCode: number }> {
  const { out, exitCode } = await ran(`${line} --json`, COMMANDS, { environment: { SENTINEL_URL: service.url } });
  return { ...(JSON.parse(out) as Readonly<Record<string, unknown>>), exitCode };
}

beforeAll(async () => {
  await trainQuickModel(modelsDir);
  const simulated = createSimulation(simulationOf({ transactions: PAYMENTS, users: 60, fraudShare: 0.1, seed: 3 }));
  await writeTransactions(payments, simulated, { onRows: () => undefined, signal: new AbortController().signal });
  service = await startQuiet(aConfig(directory, modelsDir));
  client = aClient(service.url);
}, 60_000);
afterAll(() => service.close());

describe('sentinel replay', () => {
  it('streams a data set flat out, its labels between the payments, and the same again from memory', async () => {
    const first = await json(`replay --data ${payments} --flat-out`);
    expect(first).toMatchObject({ exitCode: 0, payments: PAYMENTS, refused: 0, to: service.url });
    expect(first.labels).toBeGreaterThan(5);
    expect(first.frauds).toBeGreaterThan(5);
    const seen = async (): Promise<unknown> => (await client.get('/api/v1/monitoring/metrics')).body;
    expect(await seen()).toMatchObject({ total_predictions: PAYMENTS, cache_hits: 0 });
    const again = await json(`replay --data ${payments} --flat-out --to ${service.url}`);
    expect(again).toMatchObject({ payments: PAYMENTS, caught: first.caught });
    expect(await seen()).toMatchObject({ total_predictions: PAYMENTS, cache_hits: PAYMENTS });
  });

  it('keeps to a rate', async () => {
    const few = join(directory, 'few.csv');
    writeFileSync(few, readFileSync(payments, 'utf8').split('\n').slice(0, 21).join('\n'));
    const { seconds, payments: sent } = await json(`replay --data ${few} --rate 40`);
    expect(sent).toBe(20);
    expect(seconds).toBeGreaterThan(0.45);
  });

  it.each([
    ['--rate 10 --flat-out', 'give one of --rate and --flat-out'],
    ['--rate 10 --in-process', 'give one of --rate and --in-process'],
    ['--to kafka --rate 10 --speed-up 2', 'give one of --rate and --speed-up'],
    ['--to kafka --flat-out --speed-up 2', 'give one of --speed-up and --flat-out'],
  ])('refuses two paces, since one would do nothing: %s', async (options, message) => {
    const { exitCode, error } = await json(`replay --data ${payments} ${options}`);
    expect({ exitCode, error }).toMatchObject({ exitCode: 2, error: { code: 'USAGE', message } });
  });

  it('refuses a place that is none', async () => {
    const message = '--to: expected an http(s) address or kafka, got localhost:8000';
    const { exitCode, error } = await json(`replay --data ${payments} --to localhost:8000`);
    expect({ exitCode, error }).toMatchObject({ exitCode: 2, error: { code: 'USAGE', message } });
  });

  it('runs through features and score in this process', async () => {
    const result = await json(`replay --data ${payments} --in-process --models-dir ${modelsDir}`);
    expect(result).toMatchObject({ exitCode: 0, payments: PAYMENTS, to: 'this process' });
    expect(result.perSecond).toBeGreaterThan(0);
    expect(result.entities).toBeGreaterThan(60);
  });

  it('says that nobody answers', async () => {
    const { exitCode, error } = await json(`replay --data ${payments} --to http://127.0.0.1:9`);
    expect(exitCode).toBe(1);
    expect(error).toMatchObject({ code: 'SERVICE_UNREACHABLE' });
  });
});

describe('sentinel label and load', () => {
  it('tells the service what a payment was', async () => {
    const { exitCode, ...receipt } = await json('label tx-early --fraud --source chargeback');
    expect(exitCode).toBe(0);
    expect(receipt).toMatchObject({ transaction_id: 'tx-early', status: 'waiting', in_force: { is_fraud: true } });
    expect(await json('label tx-early --fraud --genuine')).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
    const refused = await json(`label ${'x'.repeat(1_000)} --fraud`);
    expect(refused).toMatchObject({ exitCode: 1, error: { code: 'SERVICE_REFUSED' } });
  });

  it('sends payments on schedule and reports latencies', async () => {
    const result = await json('load --rate 50 --seconds 0.5 --connections 4 --users 50');
    expect(result).toMatchObject({ exitCode: 0, url: service.url, sent: 25, decisions: 25, statuses: { 200: 25 } });
    const batches = await json('load --rate 10 --seconds 0.3 --route batch --users 50 --connections 2');
    expect(batches).toMatchObject({ decisions: 300 });
    const nobody = await ran('load --seconds 0.2 --rate 10 --service-url http://127.0.0.1:9', COMMANDS);
    expect(nobody.exitCode).toBe(1);
    expect(nobody.err).toContain('No service answers');
  });
});

describe('sentinel doctor', () => {
  const statusOf = (result: Readonly<Record<string, unknown>>): Record<string, string> =>
    Object.fromEntries((result.checks as { name: string; status: string }[]).map(({ name, status }) => [name, status]));

  it('finds a running service in order', async () => {
    const result = await json(`doctor ${places} --port ${new URL(service.url).port}`);
    expect(result.exitCode).toBe(0);
    expect(statusOf(result)).toMatchObject({ node: 'ok', journal: 'ok', model: 'ok', policy: 'ok', port: 'ok' });
    expect(JSON.stringify(result.checks)).toContain(`in use by process ${process.pid}`);
  });

  it.each([
    ['unhealthy', 503, 'fail', 'refuses payments'],
    ['degraded', 200, 'warn', 'degraded'],
  ])('knows a service that is %s for one of ours, and does not ask to stop it', async (status, code, found, words) => {
    const health = JSON.stringify({ status, model_version: 'v1', database_status: 'connected' });
    const ailing = createServer((_, response) => response.writeHead(code).end(health)).listen(0, '127.0.0.1');
    await once(ailing, 'listening');
    const { port } = ailing.address() as AddressInfo;
    const result = await json(`doctor ${places} --port ${port}`);
    ailing.close();
    expect(statusOf(result)).toMatchObject({ port: found });
    expect(JSON.stringify(result.checks)).toContain(`a service answers on ${port}: ${status}, model v1`);
    expect(JSON.stringify(result.checks)).toContain(words);
    expect(JSON.stringify(result.checks)).not.toContain('taken by something else');
  });

  it('finds a journal broken in which a segment is missing, and says of a sound one what it has not read', async () => {
    const broken = aDirectory();
    cpSync(dataDir, broken, { recursive: true });
    rmSync(join(broken, 'journal', 'lock'), { force: true });
    const line = `doctor --data-dir ${broken} --models-dir ${modelsDir} --port 0`;
    const { out } = await ran(line, COMMANDS);
    expect(out).toMatch(/ok {4}journal .*sound at its end, head \d+, not in use; sentinel verify checks all of it/);
    rmSync(join(broken, 'journal', 'segment-0000000002.log'));
    const result = await json(line);
    expect(result.exitCode).toBe(1);
    expect(statusOf(result)).toMatchObject({ journal: 'fail' });
    expect(JSON.stringify(result.checks)).toMatch(/segment-0000000002.*the segment is missing/);
  });

  it('warns of a ledger that other users can read, unless the data directory keeps them out', async () => {
    const open = aDirectory();
    mkdirSync(join(open, 'ledger'));
    const line = `doctor --data-dir ${open} --models-dir ${modelsDir} --port 0`;
    chmodSync(join(open, 'ledger'), 0o755);
    expect(statusOf(await json(line))).toMatchObject({ ledger: 'ok' });
    chmodSync(open, 0o755);
    const result = await json(line);
    expect(statusOf(result)).toMatchObject({ ledger: 'warn' });
    expect(JSON.stringify(result.checks)).toContain(`chmod 700 ${join(open, 'ledger')}`);
    chmodSync(join(open, 'ledger'), 0o700);
    expect(statusOf(await json(line))).toMatchObject({ ledger: 'ok' });
  });

  it('names what is wrong and what to do', async () => {
    const damaged = aDirectory();
    cpSync(dataDir, damaged, { recursive: true });
    rmSync(join(damaged, 'journal', 'chain.key'));
    const policy = join(damaged, 'policy.yaml');
    writeFileSync(policy, 'thresholds:\n  review: 0.9\n  block: 0.5\n');
    const line = `doctor --data-dir ${damaged} --models-dir ${join(damaged, 'none')} --policy-file ${policy} --host 0.0.0.0 --port 0`;
    const result = await json(line);
    expect(result.exitCode).toBe(1);
    expect(statusOf(result)).toMatchObject({ journal: 'fail', model: 'fail', policy: 'fail', exposure: 'fail' });
    const { out } = await ran(line, COMMANDS);
    expect(out).toMatch(/fail {2}policy.*review \(0\.9\) must be below block \(0\.5\)\n +→ Correct the policy file/);
  });
});

describe('sentinel doctor, of what keeps the service from starting', () => {
  it('names a key that was cut, unless another is configured, and the address that cannot be listened on', async () => {
    const cut = aDirectory();
    writeFileSync(join(cut, 'token.key'), 'cut', { mode: 0o600 });
    const line = `doctor --data-dir ${cut} --models-dir ${modelsDir} --json`;
    const told = await ran(`${line} --host 192.0.2.1 --port 8000`, COMMANDS);
    const { checks } = JSON.parse(told.out) as { checks: { name: string; status: string; finding: string }[] };
    const found = (name: string): unknown => checks.find((check) => check.name === name);
    expect(found('key files')).toMatchObject({ status: 'fail', finding: expect.stringContaining(`${cut}/token.key holds 3 bytes`) as string }); // prettier-ignore
    expect(found('port')).toMatchObject({
      status: 'fail',
      finding: expect.stringContaining('EADDRNOTAVAIL') as string,
    });
    const { out } = await ran(`${line} --port 0`, COMMANDS, { environment: { SENTINEL_TOKEN_KEY: 'x'.repeat(32) } });
    expect(out).toContain('readable by their owner alone');
  });

  it('says of keys that are given that no start makes them', async () => {
    const line = `doctor --data-dir ${aDirectory()} --models-dir ${modelsDir} --port 0`;
    const servers = { KAFKA_BROKERS: '127.0.0.1:9', REDIS_URL: 'redis://127.0.0.1:9' };
    const one = { ...servers, SENTINEL_TOKEN_KEY: 'x'.repeat(32) };
    const both = { ...one, SENTINEL_JOURNAL_KEY: '5e'.repeat(32) };
    const [ofOne, ofBoth] = await Promise.all([one, both].map((environment) => ran(line, COMMANDS, { environment })));
    expect(ofOne!.out).toMatch(/key files +none yet; the first start makes them/);
    expect(ofBoth!.out).toMatch(/key files +none, and none needed: both keys are given/);
  }, 60_000);
});

describe('sentinel journal', () => {
  it('tells what the journal holds while it is written', async () => {
    const result = await json(`journal --data-dir ${dataDir}`);
    expect(result).toMatchObject({ exitCode: 0, firstSeq: 1, problems: 0 });
    expect((result.records as { decision: number }).decision).toBeGreaterThanOrEqual(PAYMENTS);
    expect(await json('journal --data-dir /nowhere')).toMatchObject({ error: { code: 'JOURNAL_MISSING' } });
  });

  it('exports sealed segments, which go back before those that are left', async () => {
    const [archive, copy] = [join(aDirectory(), 'archive'), aDirectory()];
    cpSync(dataDir, copy, { recursive: true });
    rmSync(join(copy, 'journal', 'lock'), { force: true });
    const exported = await json(`journal export ${archive} --data-dir ${dataDir}`);
    expect(exported).toMatchObject({ exitCode: 0, firstSeq: 1 });
    expect(exported.segments).toBeGreaterThan(0);
    for (const name of readdirSync(archive)) rmSync(join(copy, 'journal', name));
    const short = await json(`verify --data-dir ${copy} --models-dir ${modelsDir}`);
    expect(short).toMatchObject({ exitCode: 1, storageProblems: [] });
    expect(await json(`journal import ${archive} --data-dir ${copy}`)).toMatchObject({ segments: exported.segments });
    const again = await ran(`journal import ${archive} --data-dir ${copy}`, COMMANDS);
    expect(again).toMatchObject({ exitCode: 0, out: expect.stringContaining('No segment') as string });
    expect(await json(`verify --data-dir ${copy} --models-dir ${modelsDir}`)).toMatchObject({
      exitCode: 0,
      problems: 0,
    });
  });

  it('says that a journal which is being written is not brought whole', async () => {
    const from = join(dataDir, 'journal');
    const { exitCode, err } = await ran(`journal import ${from} --data-dir ${join(aDirectory(), 'to')}`, COMMANDS);
    expect(exitCode).toBe(0);
    expect(err).toContain(`process ${process.pid} is writing ${from}`);
  });

  it('imports nothing beside segments that have lost their key, and makes no other', async () => {
    const lost = aDirectory();
    cpSync(join(dataDir, 'journal'), join(lost, 'journal'), { recursive: true });
    rmSync(join(lost, 'journal', 'chain.key'));
    expect(await json(`journal import ${join(dataDir, 'journal')} --data-dir ${lost}`)).toMatchObject({
      error: { code: 'JOURNAL_CORRUPT' },
    });
    expect(existsSync(join(lost, 'journal', 'chain.key'))).toBe(false);
  });
});

describe('sentinel backup and restore', () => {
  it('save a running service whole, and bring it back where nothing is or with --yes', async () => {
    const backup = join(aDirectory(), 'monday');
    const saved = await json(`backup ${backup} ${places}`);
    expect(saved).toMatchObject({ exitCode: 0, format: 1 });
    expect(await json(`backup ${backup} ${places}`)).toMatchObject({ exitCode: 2 });
    const there = aDirectory();
    const target = `--data-dir ${join(there, 'data')} --models-dir ${join(there, 'models')}`;
    expect(await json(`restore ${backup} ${target}`)).toMatchObject({ exitCode: 0, movedAside: [] });
    const proof = await json(`verify ${target}`);
    expect(proof).toMatchObject({ exitCode: 0, problems: 0, storage: { head: saved.head } });
    expect(await json(`restore ${backup} ${target}`)).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
    const again = await json(`restore ${backup} ${target} --yes`);
    expect(again.exitCode).toBe(0);
    for (const path of again.movedAside as string[]) expect(existsSync(path)).toBe(true);
    expect(await json(`restore ${backup} ${places} --yes`)).toMatchObject({ error: { code: 'ALREADY_RUNNING' } });
  });

  it('refuses a backup that was changed or never finished, and touches nothing', async () => {
    const backup = join(aDirectory(), 'tuesday');
    await json(`backup ${backup} ${places}`);
    const target = join(aDirectory(), 'data');
    const models = readdirSync(join(backup, 'models'), { recursive: true, encoding: 'utf8' });
    const artifact = join(
      backup,
      'models',
      models.find((name) => name.endsWith('artifact.json'))!,
    );
    writeFileSync(artifact, `${readFileSync(artifact, 'utf8')} `);
    const changed = await json(`restore ${backup} --data-dir ${target} --models-dir ${target}-models`);
    expect(changed.error).toMatchObject({ code: 'DATA_UNREADABLE', message: expect.stringContaining('artifact.json') as string }); // prettier-ignore
    expect(changed.error).toMatchObject({ remedy: expect.stringContaining('that what lies there is whole') as string });
    for (const damaged of ['{"format":1,', '[]', 'null', '{"format":1}', '{"format":1,"files":{"a":null}}']) {
      writeFileSync(join(backup, 'backup.json'), damaged);
      const { error } = await json(`restore ${backup} --data-dir ${target}`);
      expect({ damaged, error }).toMatchObject({ error: { code: 'DATA_UNREADABLE', message: expect.stringContaining('backup.json') as string } }); // prettier-ignore
    }
    rmSync(join(backup, 'backup.json'));
    expect(await json(`restore ${backup} --data-dir ${target}`)).toMatchObject({ exitCode: 1 });
    expect(existsSync(target)).toBe(false);
  });
});

describe('sentinel backup', () => {
  it('tells what it leaves out, and restore what it leaves behind', async () => {
    const [backup, there] = [join(aDirectory(), 'backup'), aDirectory()];
    const policy = join(there, 'policy.yaml');
    writeFileSync(policy, 'thresholds:\n  review: 0.4\n  block: 0.5\n');
    const saved = await ran(
      `backup ${backup} --data-dir ${dataDir} --models-dir ${there}/none --policy-file ${policy}`,
      COMMANDS,
    );
    expect(saved).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining(`left out, since it does not exist: ${there}/none`) as string,
    });
    const restored = await ran(`restore ${backup} --data-dir ${there}/data --models-dir ${there}/models`, COMMANDS);
    const told = `not restored: ${backup}/policy.yaml; --policy-file says where it belongs`;
    expect(restored).toMatchObject({ exitCode: 0, out: expect.stringContaining(told) as string });
  });

  it('brings back a journal whose ledger on a server is said to be as it was', async () => {
    const [backup, there] = [join(aDirectory(), 'backup'), aDirectory()];
    await ran(`backup ${backup} ${places}`, COMMANDS);
    const server = 'postgres://sentinel:secret@database.example:5432/sentinel';
    const line = `restore ${backup} --data-dir ${there}/data --models-dir ${there}/models`;
    const { out } = await ran(line, COMMANDS, { environment: { DATABASE_URL: server } });
    expect(out).toMatch(/the ledger at .*database\.example.* is as it was: sentinel ledger rebuild --yes/);
    expect(out).not.toContain('at the next start');
    expect(out).not.toContain('secret');
  });

  it('is not written into what it copies, nor where a file is', async () => {
    for (const inside of [join(modelsDir, 'backup'), join(dataDir, 'journal', 'backup')]) {
      const refused = await json(`backup ${inside} ${places}`);
      expect(refused).toMatchObject({ exitCode: 2, error: { message: expect.stringContaining('is copied itself') as string } }); // prettier-ignore
      expect(existsSync(inside)).toBe(false);
    }
    expect(await json(`backup ${payments} ${places}`)).toMatchObject({
      exitCode: 2,
      error: { message: expect.stringContaining('is not a directory') as string },
    });
  });
});

describe('sentinel serve', () => {
  it('says what makes a model when there is none', async () => {
    const nowhere = aDirectory();
    const { error, exitCode } = await json(`serve --data-dir ${nowhere} --models-dir ${nowhere} --port 0`);
    const message = 'Nothing can be scored: no model is in production';
    const remedy = expect.stringMatching(/sentinel train.*sentinel models promote.*sentinel up/) as string;
    expect({ exitCode, error }).toMatchObject({ exitCode: 1, error: { code: 'NO_MODEL', message, remedy } });
  });

  it('ends in order when it was asked to while it started', async () => {
    const line = `serve --data-dir ${aDirectory()} --models-dir ${modelsDir} --port 0 --log-level silent`;
    expect(await ran(line, COMMANDS, { signal: AbortSignal.abort() })).toMatchObject({ exitCode: 0 });
  });
});

describe('without a model in production', () => {
  it.each([
    [
      'ab --challenger-policy policy.yaml',
      'USAGE',
      'no model is in production; train one, or name one with --champion',
    ],
    ['evaluate --data payments.csv', 'USAGE', 'no model is in production; train one, or name one with --model'],
    ['replay --in-process --data payments.csv', 'NO_MODEL', 'Nothing can be scored: no model is in production'],
  ])('%s says what it has an option for', async (line, code, message) => {
    const { error } = await json(`${line} --models-dir ${aDirectory()}`);
    expect(error).toMatchObject({ code, message });
  });
});

describe('sentinel generate', () => {
  it('takes no more users than fit into memory', async () => {
    const { error } = await json(`generate --users 1000000000 --rows 1 --out ${directory}/none.csv`);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('20000000') as string });
  });
});

describe('sentinel ledger rebuild', () => {
  it('makes all tables again from the journal of a stopped service, and refuses a running one', async () => {
    expect(await json(`ledger rebuild --data-dir ${dataDir}`)).toMatchObject({ error: { code: 'ALREADY_RUNNING' } });
    expect(await json('ledger rebuild --data-dir /nowhere')).toMatchObject({ error: { code: 'JOURNAL_MISSING' } });
    const copy = aDirectory();
    mkdirSync(join(copy, 'journal'));
    cpSync(join(dataDir, 'journal'), join(copy, 'journal'), { recursive: true });
    rmSync(join(copy, 'journal', 'lock'), { force: true });
    const { head } = await json(`journal --data-dir ${copy}`);
    const { seq } = head as { seq: number };
    expect(await json(`ledger rebuild --data-dir ${copy}`)).toMatchObject({ exitCode: 0, records: seq, position: seq });
  });
});
