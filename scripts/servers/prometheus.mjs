/** Prometheus: Debian's package, reading the metrics of a service on this machine. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, installPackages } from './packages.mjs';
import { answers } from './processes.mjs';
import { LOOPBACK, ROOT } from './settings.mjs';

/** What containers call the machine they run on. */
const HOST_OF_CONTAINERS = 'host.docker.internal';

export const prometheus = {
  name: 'prometheus',
  portNames: ['port'],
  missing: () => (findProgram('prometheus') === undefined ? 'Prometheus is not installed' : undefined),
  install: () => installPackages('prometheus'),
  prepare(directory) {
    const shared = readFileSync(join(ROOT, 'deploy', 'prometheus', 'prometheus.yml'), 'utf8');
    writeFileSync(join(directory, 'prometheus.yml'), shared.replaceAll(HOST_OF_CONTAINERS, LOOPBACK));
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
