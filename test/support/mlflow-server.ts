/** A real MLflow server of its own for a test: sqlite, artifacts through the server, on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface MlflowProcess {
  readonly uri: string;
  /** The same data on the same port again. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const START_MS = 180_000;
const LOOK_EVERY_MS = 200;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo; // listening on TCP
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export async function aMlflowServer(programs: string, directory: string): Promise<MlflowProcess> {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  let running: ChildProcess | undefined;

  const answers = async (): Promise<boolean> => {
    try {
      return (await fetch(`${uri}/health`)).ok;
    } catch {
      return false; // it is starting
    }
  };

  return {
    uri,
    async start() {
      const words = ['server', '--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`, '--artifacts-destination', join(directory, 'artifacts'), '--serve-artifacts', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']; // prettier-ignore
      running = spawn(join(programs, 'mlflow'), words, {
        cwd: directory,
        stdio: 'ignore',
        detached: true, // a group of its own, so that its workers end with it
        env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
      });
      const until = Date.now() + START_MS;
      while (!(await answers())) {
        if (running.exitCode !== null || Date.now() > until) throw new Error('MLflow did not start');
        await pause(LOOK_EVERY_MS);
      }
    },
    async stop() {
      if (running?.pid === undefined) return;
      const ended = new Promise((resolve) => running!.once('exit', resolve));
      process.kill(-running.pid, 'SIGKILL');
      await ended;
      running = undefined;
    },
  };
}
