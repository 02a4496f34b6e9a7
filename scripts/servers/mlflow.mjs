/** MLflow: from PyPI into a virtual environment; runs in SQLite, artifacts through the server. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { CACHE, installPackages, makeOnce, mustRun } from './packages.mjs';
import { answers } from './processes.mjs';
import { LOOPBACK, SETTINGS } from './settings.mjs';

const { release } = SETTINGS.mlflow;
const ENVIRONMENT = join(CACHE, `mlflow-${release}`);
const PROGRAMS = join(ENVIRONMENT, 'bin');
/** Made when everything is in: a virtual environment cannot be made elsewhere and moved, its programs name its place. */
const COMPLETE = `${ENVIRONMENT}.complete`;

const hasVenv = () => spawnSync('python3', ['-c', 'import ensurepip, venv']).status === 0;

export const mlflow = {
  name: 'mlflow',
  portNames: ['port'],
  missing: () => (existsSync(COMPLETE) ? undefined : `MLflow ${release} is not in ${ENVIRONMENT}`),

  async install() {
    if (!hasVenv()) await installPackages('python3', 'python3-venv');
    await makeOnce(COMPLETE, () => {
      mustRun('python3', ['-m', 'venv', '--clear', ENVIRONMENT]);
      const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `mlflow==${release}`];
      mustRun(join(PROGRAMS, 'python'), words, {
        todo: 'see that PyPI can be reached, and that python3 is 3.10 or newer',
      });
    });
  },

  prepare: () => undefined,
  program: (directory, { port }) => ({
    program: join(PROGRAMS, 'mlflow'),
    words: [
      ...['server', '--host', LOOPBACK, '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`],
      ...['--artifacts-destination', join(directory, 'artifacts'), '--serve-artifacts'],
    ],
    directory,
    environment: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
  }),
  ready: ({ port }) => answers(port, '/health'),
  stopSignal: { name: 'SIGTERM', group: true },
  killSignal: { name: 'SIGKILL', group: true },
  variables: ({ port }) => ({ MLFLOW_TRACKING_URI: `http://${LOOPBACK}:${port}`, MLFLOW_PROGRAMS: PROGRAMS }),
};
