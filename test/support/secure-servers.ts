/** Servers that let in only who comes through TLS with the right password; they end with `stop`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { vi } from 'vitest';
import { freePorts, prepareKafka, type Program } from './own-kafka.ts';

export const CERTIFICATE = join(import.meta.dirname, 'tls/certificate.pem');
const KEY = join(import.meta.dirname, 'tls/key.pem');
const USER = 'sentinel';

export interface SecureServers {
  readonly user: string;
  readonly password: string;
  /** host:port of the broker. */
  readonly broker: string;
  /** `rediss://…`, password included. */
  readonly redis: string;
  stop(): Promise<void>;
}

/** Resolves when somebody answers whom the certificate stands for. */
const speakTls = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(CERTIFICATE) });
    socket.once('secureConnect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });

/** What a JAAS configuration says of a login: its module and its options. */
const login = (module: string, options: Readonly<Record<string, string>> = {}): string =>
  `org.apache.kafka.common.security.${module} required ${Object.entries(options)
    .map(([name, value]) => `${name}="${value}" `)
    .join('')};`;

function prepareBroker(directory: string, password: string, port: number, controller: number): Promise<Program> {
  mkdirSync(directory, { recursive: true });
  const keystore = join(directory, 'keystore.pem');
  writeFileSync(keystore, readFileSync(KEY, 'utf8') + readFileSync(CERTIFICATE, 'utf8'));
  const jaas = 'listener.name.sasl_ssl';
  const users = { username: 'broker', password: 'b', user_broker: 'b', [`user_${USER}`]: password };
  const secure = {
    listeners: `SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `SASL_SSL://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${jaas}.plain.sasl.jaas.config`]: login('plain.PlainLoginModule', users),
    [`${jaas}.scram-sha-256.sasl.jaas.config`]: login('scram.ScramLoginModule'),
    [`${jaas}.scram-sha-512.sasl.jaas.config`]: login('scram.ScramLoginModule'),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': CERTIFICATE,
  };
  const scram = (mechanism: string): string[] => ['--add-scram', `${mechanism}=[name=${USER},password=${password}]`];
  const ports = { port, controller, lined: 0, line: 0 };
  return prepareKafka(directory, ports, secure, ...scram('SCRAM-SHA-256'), ...scram('SCRAM-SHA-512'));
}

/** Starts both below `directory`; resolves when they answer. */
export async function startSecureServers(directory: string): Promise<SecureServers> {
  const password = randomBytes(9).toString('hex');
  const [port, controller, redisPort] = (await freePorts(3)) as [number, number, number];
  const broker = await prepareBroker(join(directory, 'kafka'), password, port, controller);
  const tls = ['--tls-cert-file', CERTIFICATE, '--tls-key-file', KEY, '--tls-ca-cert-file', CERTIFICATE];
  const redis = ['--port', '0', '--tls-port', String(redisPort), ...tls, '--tls-auth-clients', 'no'];
  const children: readonly ChildProcess[] = [
    spawn(broker.program, broker.words, { cwd: directory, stdio: 'ignore' }),
    spawn('redis-server', [...redis, '--requirepass', password, '--dir', directory], { stdio: 'ignore' }),
  ];
  const stop = async (): Promise<void> => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
  };
  try {
    for (const each of [port, redisPort]) await vi.waitFor(() => speakTls(each), { timeout: 60_000, interval: 100 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    user: USER,
    password,
    broker: `127.0.0.1:${port}`,
    redis: `rediss://:${password}@127.0.0.1:${redisPort}`,
    stop,
  };
}
