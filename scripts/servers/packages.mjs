/** Installs what a server needs: packages of the system, and folders of its own in the cache. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Failure, USE_DOCKER } from './failure.mjs';
import { alone } from './alone.mjs';

const LAST_LINES = 15;
/** How long apt-get waits for another one to end, seconds. */
const APT_WAIT_S = 600;

/** Where downloads are kept, shared by all checkouts of one user. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sentinel');

export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export function lastLines(text) {
  return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
}

/** Runs a program to its end; its output is shown only when it fails. */
export function mustRun(program, words, options = {}) {
  const { todo, ...rest } = options;
  const { status, error, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', ...rest });
  if (status === 0) return stdout;
  const said = error?.message ?? lastLines(`${stdout}\n${stderr}`);
  throw new Failure(`${program} ${words.join(' ')} failed:\n${said}`, todo);
}

/** Installs Debian packages, with the rights of root. */
export async function installPackages(...packages) {
  const todo = `install ${packages.join(', ')} by hand, or ${USE_DOCKER}`;
  if (findProgram('apt-get') === undefined) throw new Failure('There is no apt-get on this system.', todo);
  const isRoot = process.getuid() === 0;
  if (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0) {
    throw new Failure(`Installing ${packages.join(', ')} needs root or sudo without a password.`, todo);
  }
  const apt = (...words) => {
    const whole = ['apt-get', '-q', '-y', '-o', `DPkg::Lock::Timeout=${APT_WAIT_S}`, ...words];
    const line = ['env', 'DEBIAN_FRONTEND=noninteractive', ...whole];
    mustRun(isRoot ? line[0] : 'sudo', isRoot ? line.slice(1) : ['-n', ...line], { todo });
  };
  await alone('apt-get', () => {
    console.error(`Installing ${packages.join(', ')} …`);
    apt('update');
    apt('install', '--no-install-recommends', ...packages);
  });
}

/** Makes the folder `path` by `fill(scratch)`, whole or not at all, by one process. */
export async function makeOnce(path, fill) {
  if (existsSync(path)) return;
  await alone(path, () => {
    if (existsSync(path)) return;
    console.error(`Downloading into ${path} …`);
    mkdirSync(dirname(path), { recursive: true });
    const scratch = `${path}.part`;
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    fill(scratch);
    renameSync(scratch, path);
  });
}
