/** PostgreSQL: Debian's package, a cluster of its own with a password. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { installPackages, mustRun } from './packages.mjs';
import { LOOPBACK, SETTINGS } from './settings.mjs';

const { user, password, database, initdb, options } = SETTINGS.postgres;
const INSTALLATIONS = '/usr/lib/postgresql'; // Debian's place, one folder a release

/** The folder with the programs of the newest complete release. */
function programs() {
  const releases = existsSync(INSTALLATIONS) ? readdirSync(INSTALLATIONS) : [];
  const folders = releases
    .sort((a, b) => Number(b) - Number(a))
    .map((release) => join(INSTALLATIONS, release, 'bin'))
    .filter((folder) => existsSync(join(folder, 'initdb')));
  return folders[0];
}

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
function identity() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(mustRun('id', [flag, 'postgres']));
  return { uid: id('-u'), gid: id('-g') };
}

function sql(port, statement, inDatabase) {
  const words = ['-h', LOOPBACK, '-p', String(port), '-U', user, '-d', inDatabase, '-X', '-A', '-t', '-c', statement];
  return spawnSync(join(programs(), 'psql'), words, {
    encoding: 'utf8',
    env: { ...process.env, PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' },
  });
}

export const postgres = {
  name: 'postgres',
  portNames: ['port'],
  missing: () => (programs() === undefined ? 'PostgreSQL is not installed' : undefined),
  install: () => installPackages('postgresql'),

  prepare(directory) {
    const own = identity();
    const data = join(directory, 'data');
    if (own.uid !== undefined) {
      chownSync(directory, own.uid, own.gid);
      if (spawnSync('test', ['-x', directory], { ...own, cwd: '/' }).status !== 0) {
        throw new Failure(
          `The user postgres cannot enter ${directory}, and PostgreSQL does not run as root.`,
          'choose with --dir a directory that everybody may enter',
        );
      }
    }
    if (existsSync(join(data, 'PG_VERSION'))) return;
    const secret = join(directory, 'password');
    rmSync(data, { recursive: true, force: true }); // a beginning that was cut off
    writeFileSync(secret, password, { mode: 0o600 });
    if (own.uid !== undefined) chownSync(secret, own.uid, own.gid);
    try {
      const words = ['-D', data, '-U', user, '-A', 'scram-sha-256', `--pwfile=${secret}`, ...initdb];
      mustRun(join(programs(), 'initdb'), words, { ...own, cwd: directory });
    } finally {
      rmSync(secret);
    }
  },

  program: (directory, { port }) => ({
    program: join(programs(), 'postgres'),
    words: [
      ...['-D', join(directory, 'data'), '-p', String(port)],
      ...['-c', `listen_addresses=${LOOPBACK}`, '-c', 'unix_socket_directories='],
      ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    directory,
    identity: identity(),
  }),

  ready({ port }) {
    if (sql(port, 'select 1', 'postgres').status !== 0) return false;
    if (sql(port, 'select 1', database).status === 0) return true;
    return sql(port, `create database ${database}`, 'postgres').status === 0;
  },

  stopSignal: { name: 'SIGINT' }, // fast: ends sessions, then writes everything out
  killSignal: { name: 'SIGQUIT' }, // immediate: all its processes end as they stand; the next start recovers
  variables: ({ port }) => ({ DATABASE_URL: `postgres://${user}:${password}@${LOOPBACK}:${port}/${database}` }),
};
