import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { aDirectory } from '../support/directories.ts';

const PROGRAM = join(import.meta.dirname, '../../scripts/services');

function call(words: readonly string[], path?: string): { status: number | null; stdout: string; stderr: string } {
  const env = path === undefined ? process.env : { ...process.env, PATH: path, HOME: path };
  const { status, stdout, stderr } = spawnSync(PROGRAM, words, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** A folder of programs that has node and what the launcher calls, and nothing else but `programs`. */
function aMachineWith(programs: Readonly<Record<string, string>>): string {
  const directory = aDirectory();
  const all = { node: `exec '${process.execPath}' "$@"`, dirname: '/usr/bin/dirname "$@"', ...programs };
  for (const [name, script] of Object.entries(all)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

function aSleeper(): ChildProcess {
  const child = spawn('/bin/sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** A program that says how it was called and answers every question as a Redis that is well. */
function aFakeRedis(): string {
  const path = join(aDirectory(), 'redis.mjs');
  const script = `
    import { createServer } from 'node:net';
    console.log(process.argv.slice(2).join(' '));
    const answer = (socket) => socket.on('error', () => undefined).once('data', () => socket.end('+PONG\\r\\n'));
    createServer(answer).listen(process.argv[process.argv.indexOf('--port') + 1], '127.0.0.1');
  `;
  writeFileSync(path, script);
  return path;
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

it('says how it is used, and exits with 2 when it is misused', () => {
  expect(call(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('scripts/services start') });
  expect(call([]).status).toBe(2);
  for (const words of [
    ['begin'],
    ['start', 'oracle'],
    ['start', '--port', 'redis'],
    ['start', '--port', 'redis=70000'],
    ['stop', '--force'],
  ]) {
    const { status, stderr } = call(words);
    expect([words, status]).toEqual([words, 2]);
    expect(stderr).toMatch(/oracle|begin|redis|force/);
  }
});

it('takes no port for a server that it does not start', () => {
  const { status, stderr } = call(['start', 'redis', '--port', 'kafka=29000', '--installed', '--dir', aDirectory()], aMachineWith({})); // prettier-ignore
  expect(status).toBe(2);
  expect(stderr).toBe('--port kafka=29000: kafka is not among the servers to start, redis.\n');
});

it.each([
  '',
  '{"redis": {"ports": {"por',
  '[]',
  'null',
  '{"redis": 5}',
  '{"redis": {}}',
  '{"redis": {"ports": {"port": "x"}}}',
])('says in a line that servers.json is damaged: %s', (text) => {
  const directory = aDirectory();
  const file = join(directory, 'servers.json');
  writeFileSync(file, text);
  for (const verb of ['status', 'env', 'stop']) {
    const { status, stdout, stderr } = call([verb, '--dir', directory]);
    expect({ verb, status, stdout }).toEqual({ verb, status: 2, stdout: '' });
    expect(stderr).toBe(`${file} is damaged: end what still runs of these servers, then remove the file.\n`);
  }
});

it('knows of no server in a new directory, and has nothing to stop', () => {
  const directory = aDirectory();
  const { status, stdout } = call(['status', '--json', '--dir', directory]);
  expect(status).toBe(0);
  const names = ['postgres', 'redis', 'kafka', 'mlflow', 'prometheus'];
  expect(JSON.parse(stdout)).toEqual(names.map((name) => ({ name, status: 'never' })));
  expect(call(['env', '--dir', directory])).toMatchObject({ status: 0, stdout: '' });
  expect(call(['stop', '--dir', directory]).status).toBe(0);
});

it('takes a process for its own only when it began as the one it started, and ends no other', () => {
  const directory = aDirectory();
  const stranger = aSleeper();
  const ports = { port: 21_234 };
  writeFileSync(join(directory, 'servers.json'), JSON.stringify({ redis: { ports, pid: stranger.pid, began: '1' } }));
  const rows = JSON.parse(call(['status', '--json', '--dir', directory]).stdout) as { name: string; status: string }[];
  expect(rows.find(({ name }) => name === 'redis')).toMatchObject({ status: 'ended', port: 21_234 });
  expect(call(['stop', '--kill', '--dir', directory]).status).toBe(0);
  expect(isAlive(stranger)).toBe(true);
});

it('says what is missing and how to get it, when it may install nothing', () => {
  const { status, stderr } = call(['start', 'redis', '--installed', '--dir', aDirectory()], aMachineWith({}));
  expect(status).toBe(1);
  expect(stderr).toBe('Redis is not installed.\nWhat to do: scripts/services start redis installs it\n');
});

it('says what to do where it cannot install', () => {
  const { status, stderr } = call(['start', 'redis', '--dir', aDirectory()], aMachineWith({}));
  expect(status).toBe(1);
  expect(stderr).toMatch(/There is no apt-get[^]*What to do: install redis-server by hand, or use Docker/);
});

it('installs Debian’s package, and says why when that fails', () => {
  const machine = aMachineWith({
    env: 'shift; exec "$@"',
    sudo: 'shift; [ "$1" = true ] || exec "$@"',
    'apt-get': `echo "$@" >> '${aDirectory()}/calls'; case "$*" in *install*) echo 'E: Unable to locate package'; exit 100;; esac`,
  });
  const { status, stderr } = call(['start', 'redis', '--dir', aDirectory()], machine);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^Installing redis-server …\n.*install --no-install-recommends redis-server failed:\nE: Unable to locate package/,
  );
});

it('shows the last words of a server that ends while it starts, and what to do', async () => {
  const directory = aDirectory();
  const machine = aMachineWith({ 'redis-server': 'echo "Fatal: no luck"; exit 1' });
  const { status, stderr } = call(['start', 'redis', '--dir', directory], machine);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^redis ended while it was starting\. Its last words, from \S+:\nFatal: no luck\nWhat to do: /,
  );
  expect(call(['status', '--dir', directory])).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^redis +ended/m),
  });
});

it('starts, finds again and stops a server by what is on the machine', async () => {
  const directory = aDirectory();
  const machine = aMachineWith({ 'redis-server': `exec '${process.execPath}' '${aFakeRedis()}' "$@"` });
  onTestFinished(() => void call(['stop', '--kill', '--dir', directory]));
  const port = await aFreePort();
  expect(call(['start', 'redis', '--port', `redis=${port}`, '--dir', directory], machine).status).toBe(0);
  expect(readFileSync(join(directory, 'redis', 'server.log'), 'utf8')).toContain(
    `--port ${port} --bind 127.0.0.1 --dir ${join(directory, 'redis')} --daemonize no --appendonly no --save  --maxmemory-policy noeviction`,
  );
  const pidOf = (): unknown =>
    (JSON.parse(readFileSync(join(directory, 'servers.json'), 'utf8')) as { redis: { pid: number } }).redis.pid;
  const first = pidOf();
  expect(call(['start', 'redis', '--dir', directory], machine).status).toBe(0);
  expect(pidOf()).toBe(first);
  expect(call(['start', 'redis', '--port', 'redis=1', '--dir', directory], machine).stderr).toContain(
    `runs on port ${port}`,
  );
  expect(call(['env', '--prefix', 'TEST_', '--dir', directory]).stdout).toBe(
    `export TEST_REDIS_URL='redis://127.0.0.1:${port}'\n`,
  );
  expect(call(['stop', '--dir', directory]).status).toBe(0);
  expect(call(['status', '--dir', directory])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`^redis +stopped +${port} `, 'm')),
  });
  expect(call(['env', '--dir', directory]).stdout).toBe('');
  expect(call(['start', 'redis', '--dir', directory], machine).status).toBe(0);
  expect(call(['status', '--dir', directory]).stdout).toMatch(new RegExp(`^redis +running +${port} `, 'm'));
});

it('lets one of two calls start a server, and the other find it', async () => {
  const directory = aDirectory();
  const runs = join(aDirectory(), 'runs');
  mkdirSync(runs);
  const machine = aMachineWith({
    'redis-server': `: > '${runs}'/$$; exec '${process.execPath}' '${aFakeRedis()}' "$@"`,
  });
  onTestFinished(() => void call(['stop', '--kill', '--dir', directory]));
  const starts = [1, 2, 3].map(
    () =>
      new Promise<number | null>((resolve) => {
        spawn(PROGRAM, ['start', 'redis', '--dir', directory], {
          stdio: 'ignore',
          env: { ...process.env, PATH: machine },
        }).once('exit', resolve);
      }),
  );
  expect(await Promise.all(starts)).toEqual([0, 0, 0]);
  expect(spawnSync('ls', [runs], { encoding: 'utf8' }).stdout.trim().split('\n')).toHaveLength(1);
});

async function aFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
