/** A broker with settings of a test's own, as `scripts/services` would start it. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

export interface KafkaPorts {
  readonly port: number;
  readonly controller: number;
  readonly lined: number;
  readonly line: number;
}

export interface Program {
  readonly program: string;
  readonly words: readonly string[];
}

/** Plain JavaScript, as all of scripts/servers. */
interface KafkaScript {
  properties(directory: string, ports: KafkaPorts): string;
  formatStorage(cluster: string, file: string, ...more: readonly string[]): void;
  readonly kafka: { program(directory: string): Program };
}

export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const probe of probes) {
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    ports.push((probe.address() as AddressInfo).port); // listening on TCP
  }
  for (const probe of probes) await new Promise((resolve) => probe.close(resolve));
  return ports;
}

/** Formats a log below `directory`; `settings` win over the usual ones, `format` are words for the storage tool. */
export async function prepareKafka(
  directory: string,
  ports: KafkaPorts,
  settings: Readonly<Record<string, string>>,
  ...format: readonly string[]
): Promise<Program> {
  const script = new URL('../../scripts/servers/kafka.mjs', import.meta.url).href;
  const { formatStorage, kafka, properties } = (await import(script)) as KafkaScript;
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'server.properties');
  writeFileSync(file, properties(directory, ports));
  // The last of two lines counts.
  appendFileSync(file, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('')); // prettier-ignore
  formatStorage(randomBytes(16).toString('base64url'), file, ...format);
  return kafka.program(directory);
}
