/** A Redis server of its own for a test, where it is installed. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RedisServer {
  readonly url: string;
  readonly version: string;
  /** Kills it at once and starts it again on the same port and files. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** The version installed; undefined when there is none. */
export function installedRedis(): string | undefined {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('data', (reply) => resolve(reply.includes('PONG')));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('close', () => resolve(false));
    socket.setTimeout(1_000, () => socket.destroy());
  });

const PATIENCE_MS = 15_000;
const STEP_MS = 20;

export async function startRedisServer(version: string, options: readonly string[] = []): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const base = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      directory,
      '--save',
      '',
      '--appendonly',
      'yes',
    ];
    child = spawn('redis-server', [...base, ...options], { stdio: 'ignore' });
    for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
      if (await answers(port)) return;
      await sleep(STEP_MS);
    }
    throw new Error(`redis-server does not answer on port ${port}`);
  };
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    version,
    kill,
    async restart() {
      if (child.exitCode === null && child.signalCode === null) await kill();
      await start();
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
