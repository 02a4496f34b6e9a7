/** The settings that name a PostgreSQL server, and what they amount to. */
import { number, postgresAddress, text } from './setting.ts';

export const DATABASE_SETTINGS = {
  databaseUrl: postgresAddress({
    environment: 'DATABASE_URL',
    path: 'database.url',
    default: '',
    secret: true,
    sentence: 'The PostgreSQL server that holds the ledger; empty keeps it in the data directory.',
  }),
  databaseReadUrl: postgresAddress({
    environment: 'DATABASE_READ_URL',
    path: 'database.read_url',
    default: '',
    secret: true,
    sentence: 'The replica that questions of people and pages go to; empty asks the server itself.',
  }),
  databaseHost: text({
    environment: 'DB_HOST',
    path: 'database.host',
    default: '',
    sentence: 'The host of the PostgreSQL server, instead of database.url.',
  }),
  databasePort: number('whole number', {
    environment: 'DB_PORT',
    path: 'database.port',
    default: 5_432,
    minimum: 1,
    maximum: 65_535,
    sentence: 'The port at database.host.',
  }),
  databaseName: text({
    environment: 'DB_NAME',
    path: 'database.name',
    default: 'sentinel',
    sentence: 'The database at database.host.',
  }),
  databaseUser: text({
    environment: 'DB_USER',
    path: 'database.user',
    default: 'sentinel',
    sentence: 'The user at database.host.',
  }),
  databasePassword: text({
    environment: 'DB_PASSWORD',
    path: 'database.password',
    default: '',
    secret: true,
    sentence: 'The password of the user at database.host.',
  }),
  databasePool: number('whole number', {
    environment: 'SENTINEL_DATABASE_POOL',
    path: 'database.pool',
    unit: 'connections',
    default: 8,
    minimum: 2,
    maximum: 1_000,
    sentence: 'The most connections for questions to the server, and as many for projections.',
  }),
} as const;

export const DATABASE_SETTING_NAMES = Object.keys(DATABASE_SETTINGS) as readonly (keyof typeof DATABASE_SETTINGS)[]; // the keys of a closed table

export type DatabaseConfig = { readonly [Name in keyof typeof DATABASE_SETTINGS]: string | number };

export interface DatabaseServer {
  /** With user and password: never shown. */
  readonly url: string;
  readonly readUrl?: string;
  readonly poolSize: number;
}

/** The server to use; undefined when none is configured. */
export function databaseServerOf(config: DatabaseConfig): DatabaseServer | undefined {
  const url = String(config.databaseUrl) || urlOf(config);
  if (url === '') return undefined;
  return {
    url,
    ...(config.databaseReadUrl !== '' && { readUrl: String(config.databaseReadUrl) }),
    poolSize: Number(config.databasePool),
  };
}

/** As a query, since a host may also be the directory of a socket, which has no place in an authority. */
function urlOf({ databaseHost, databasePort, databaseName, databaseUser, databasePassword }: DatabaseConfig): string {
  if (databaseHost === '') return '';
  const query = { host: databaseHost, port: databasePort, user: databaseUser, password: databasePassword };
  const parts = Object.entries(query).filter(([, value]) => value !== '');
  const text = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `postgresql:///${encodeURI(String(databaseName))}?${text}`;
}

/** What contradicts itself; `given` tells the environment variables that are set. */
export function databaseProblems(config: DatabaseConfig, given: (environment: string) => boolean): string[] {
  const { databaseUrl, databaseHost, databaseReadUrl } = config;
  if (databaseUrl !== '' && databaseHost !== '') return ['DATABASE_URL and DB_HOST: give one or the other'];
  if (databaseUrl === '' && databaseHost === '') {
    if (databaseReadUrl !== '') return ['DATABASE_READ_URL: give DATABASE_URL or DB_HOST too'];
    const { databasePort, databaseName, databaseUser, databasePassword } = DATABASE_SETTINGS;
    const alone = [databasePort, databaseName, databaseUser, databasePassword].find(({ environment }) => given(environment)); // prettier-ignore
    if (alone !== undefined) return [`${alone.environment}: give DB_HOST too`];
  }
  const isUnused = databaseUrl !== '' && config.databasePassword !== '' && !hasPassword(String(databaseUrl));
  return isUnused ? ['DB_PASSWORD: is that of DB_HOST; put it into DATABASE_URL as postgres://user:password@host:port/name'] : [];
} // prettier-ignore

/** It may also be a parameter, as for hosts that are directories. An address that is none is told of elsewhere. */
function hasPassword(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { password, searchParams } = new URL(url);
  return password !== '' || searchParams.has('password');
}
