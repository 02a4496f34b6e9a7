/** Prometheus: Debian's package, reading the metrics of a service on this machine. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, installPackages } from './packages.mjs';
import { answers } from './processes.mjs';
import { LOOPBACK, ROOT } from './settings.mjs';

/** What containers call the machine they run on. */
const HOST_OF_CONTAINERS = 'host.docker.internal';
const SETTINGS = join(ROOT, 'deploy', 'prometheus', 'prometheus.yml');
/** The API key that /metrics is read with; a service on this machine alone needs none. */
const KEY_FILE = join(ROOT, 'deploy', 'prometheus', 'metrics.key');
const AUTHORIZATION = / {4}authorization:\n(?: {6}.*\n)+/;

/** The settings of containers as they are for this machine, with the key where there is one. */
export function settingsHere(shared, keyFile) {
  const here = shared.replaceAll(HOST_OF_CONTAINERS, LOOPBACK);
  const authorization =
    keyFile === undefined ? '' : `    authorization:\n      credentials_file: ${JSON.stringify(keyFile)}\n`;
  return here.replace(AUTHORIZATION, () => authorization);
}

export const prometheus = {
  name: 'prometheus',
  portNames: ['port'],
  missing: () => (findProgram('prometheus') === undefined ? 'Prometheus is not installed' : undefined),
  install: () => installPackages('prometheus'),
  prepare(directory) {
    const keyFile = existsSync(KEY_FILE) ? KEY_FILE : undefined;
    writeFileSync(join(directory, 'prometheus.yml'), settingsHere(readFileSync(SETTINGS, 'utf8'), keyFile));
    mkdirSync(join(directory, 'data'), { recursive: true });
  },
  program: (directory, { port }) => ({
    program: findProgram('prometheus'),
    words: [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${LOOPBACK}:${port}`,
    ],
    directory,
  }),
  ready: ({ port }) => answers(port, '/-/ready'),
  stopSignal: { name: 'SIGTERM' },
  killSignal: { name: 'SIGKILL' },
  variables: ({ port }) => ({ PROMETHEUS_URL: `http://${LOOPBACK}:${port}` }),
};
