/** What has to be there before anything runs: the libraries of the lock file and a build of the present sources. */
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtHashes, changedPaths, ROOT, sourceHashes } from './sources.mjs';

export { ROOT };
/** The oldest Node that runs the product: package.json says the same to npm. */
const NEEDED_NODE = [20, 19];
const MODULES = join(ROOT, 'node_modules');
const BUILD_CLAIM = join(ROOT, 'dist', '.building');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Installs and builds what is missing; ends the process with the reason when that is impossible. */
export async function prepare() {
  requireNode();
  try {
    await install();
    await build();
  } catch (error) {
    console.error(error.message);
    process.exit(error.exitCode ?? 1);
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1])) return;
  console.error(`Sentinel needs Node ${NEEDED_NODE.join('.')} or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Runs a program to its end, handing on signals; resolves to its exit code, 128 + n when signal n ended it. */
export function run(program, parameters, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options });
    const forward = (signal) => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, forward);
    const settle = (finish) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      finish();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => resolve(code ?? 128 + (signal === 'SIGINT' ? 2 : 15))));
  });
}

/** Installs exactly what the lock names, unless that is what is there. */
async function install() {
  if (isInstalled()) return;
  if (lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error('node_modules is a link and lacks what package-lock.json names: run npm ci where it leads.');
  }
  console.error('Installing the libraries …');
  await mustSucceed('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
}

/** Whether npm's own record of what it installed has every package of the lock, but for those of other platforms. */
function isInstalled() {
  const record = join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([place, { version, optional }]) =>
      place === '' || installed[place]?.version === version || (optional === true && installed[place] === undefined),
  );
}

/** Builds what has changed since the last build; one process builds, others wait for it. */
async function build() {
  if (!existsSync(join(ROOT, 'src'))) return; // an installed package holds the build alone
  const isBuilt = () => changedPaths(builtHashes(), sourceHashes()).length === 0;
  if (isBuilt()) return;
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  while (!claimBuild()) await new Promise((resolve) => setTimeout(resolve, 100));
  try {
    if (isBuilt()) return;
    console.error('Building …');
    await mustSucceed(process.execPath, [join(ROOT, 'scripts', 'transpile.mjs')]);
  } finally {
    rmSync(BUILD_CLAIM, { recursive: true, force: true });
  }
}

/** Takes the right to build; a claim whose process is gone is taken over. */
function claimBuild() {
  try {
    writeFileSync(BUILD_CLAIM, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(BUILD_CLAIM, 'utf8')), 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(BUILD_CLAIM, { force: true });
  }
  return false;
}

async function mustSucceed(program, parameters) {
  const code = await run(program, parameters);
  if (code === 0) return;
  const failure = new Error(`${program} ${parameters.join(' ')} failed with exit code ${code}.`);
  throw Object.assign(failure, { exitCode: code > 128 ? code : 1 });
}
