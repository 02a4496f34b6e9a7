import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/adapters/yaml/read-yaml.ts';
import settings from '../../scripts/servers/settings.json' with { type: 'json' };

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}
interface Compose {
  readonly services: Readonly<Record<keyof typeof settings, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const DEPLOY = join(import.meta.dirname, '../../deploy');
const parse = (path: string): unknown => {
  const parsed = readYaml(readFileSync(join(DEPLOY, path), 'utf8'));
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
};
const script = new URL('../../scripts/servers/prometheus.mjs', import.meta.url).href;
const { settingsHere } = (await import(script)) as {
  settingsHere: (shared: string, keyFile: string | undefined) => string;
}; // a script without declarations
const { services, volumes } = parse('compose.yaml') as Compose;
const NAMES = Object.keys(settings) as (keyof typeof settings)[];

/** `{a: 'b'}` as the words `flag(a) b` of a command line. */
const wordsOf = (options: Readonly<Record<string, string>>, word: (name: string, value: string) => readonly string[]) =>
  Object.entries(options).flatMap(([name, value]) => word(name, value));

it('compose.yaml has the very servers of scripts/services', () => {
  expect(Object.keys(services).sort()).toEqual([...NAMES].sort());
});

describe.each(NAMES)('%s in compose.yaml', (name) => {
  const service = services[name];
  const { port, release } = settings[name];

  it('is of the same release', () => {
    const [, version] = /:v?([\d.]+)$/.exec(service.image) ?? [];
    expect(`${version}.`.startsWith(`${release}.`)).toBe(true);
  });

  it('listens on its usual port of loopback alone', () => {
    expect(service.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  const sources = (service.volumes ?? []).map((volume) => volume.split(':')[0]!);

  it('keeps its data, if any, in a named volume, and says how to see that it is well', () => {
    const named = sources.filter((source) => !source.startsWith('.'));
    expect(named).toEqual(name === 'redis' ? [] : [name]);
    expect(Object.keys(volumes)).toEqual(expect.arrayContaining(named));
    expect(service.healthcheck.test[0]).toMatch(/^CMD(-SHELL)?$/);
  });

  it('mounts files there are', () => {
    const files = sources.filter((source) => source.startsWith('.'));
    expect(files.filter((file) => !existsSync(join(DEPLOY, file)))).toEqual([]);
  });
});

it('PostgreSQL is set alike', () => {
  const { user, password, database, initdb, options } = settings.postgres;
  expect(services.postgres.environment).toEqual({
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: database,
    POSTGRES_INITDB_ARGS: initdb.join(' '),
  });
  expect(services.postgres.command).toEqual(['postgres', ...wordsOf(options, (name, value) => ['-c', `${name}=${value}`])]); // prettier-ignore
});

it('Redis is set alike', () => {
  const options = wordsOf(settings.redis.options, (name, value) => [`--${name}`, value]);
  expect(services.redis.command).toEqual(['redis-server', ...options]);
});

describe('Kafka', () => {
  const environment = services.kafka.environment!;

  it('is set alike but for the addresses', () => {
    const wanted = Object.entries(settings.kafka.options).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]); // prettier-ignore
    expect(environment).toMatchObject(Object.fromEntries(wanted));
    expect(environment['KAFKA_HEAP_OPTS']).toBe(settings.kafka.heap.join(' '));
    const addresses = ['LISTENERS', 'ADVERTISED_LISTENERS', 'LISTENER_SECURITY_PROTOCOL_MAP', 'CONTROLLER_QUORUM_VOTERS', 'LOG_DIRS']; // prettier-ignore
    const others = ['KAFKA_HEAP_OPTS', ...addresses.map((name) => `KAFKA_${name}`)];
    expect(Object.keys(environment).sort()).toEqual([...wanted.map(([name]) => name!), ...others].sort());
  });

  it('is found from the machine at its usual port, from containers by its name', () => {
    expect(environment['KAFKA_ADVERTISED_LISTENERS']).toBe(`PLAINTEXT://kafka:19092,HOST://127.0.0.1:${settings.kafka.port}`); // prettier-ignore
    expect(environment['KAFKA_LOG_DIRS']).toBe(services.kafka.volumes![0]!.split(':')[1]);
  });
});

interface Scrapes {
  readonly scrape_configs: readonly {
    readonly authorization?: { readonly credentials_file: string };
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
  }[];
}
const targetsOf = ({ scrape_configs: jobs }: Scrapes): readonly string[] =>
  jobs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets));

describe('Prometheus', () => {
  const scrapes = parse('prometheus/prometheus.yml') as Scrapes;

  it('reads the service on the machine', () => {
    expect(targetsOf(scrapes)).toEqual(['host.docker.internal:8000']);
  });

  it('shows an API key, as a service that is asked by that name has them, from the folder it is given', () => {
    expect(scrapes.scrape_configs.map(({ authorization }) => authorization)).toEqual([{ credentials_file: 'metrics.key' }]); // prettier-ignore
    expect(services.prometheus.volumes).toContain('./prometheus:/etc/prometheus:ro');
  });

  it.each([
    ['without a key where there is none', undefined, undefined],
    ['with the key where there is one', '/a "b"/metrics.key', { credentials_file: '/a "b"/metrics.key' }],
  ])('reads it from the machine itself %s', (_, keyFile, authorization) => {
    const read = readYaml(settingsHere(readFileSync(join(DEPLOY, 'prometheus/prometheus.yml'), 'utf8'), keyFile));
    if ('problem' in read) throw new Error(read.problem);
    const here = read.value as Scrapes;
    expect(targetsOf(here)).toEqual(['127.0.0.1:8000']);
    expect(here.scrape_configs[0]!.authorization).toEqual(authorization);
  });
});
