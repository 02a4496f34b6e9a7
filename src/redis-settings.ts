/** The settings that name a Redis server, and what they amount to. */
import { number, redisAddress, text } from './setting.ts';

export const REDIS_SETTINGS = {
  redisUrl: redisAddress({
    environment: 'REDIS_URL',
    path: 'redis.url',
    default: '',
    secret: true,
    sentence: 'The Redis server that several instances share profiles on; empty keeps them in memory.',
  }),
  redisHost: text({
    environment: 'REDIS_HOST',
    path: 'redis.host',
    default: '',
    sentence: 'The host of the Redis server, instead of redis.url.',
  }),
  redisPort: number('whole number', {
    environment: 'REDIS_PORT',
    path: 'redis.port',
    default: 6_379,
    minimum: 1,
    maximum: 65_535,
    sentence: 'The port at redis.host.',
  }),
  redisPassword: text({
    environment: 'REDIS_PASSWORD',
    path: 'redis.password',
    default: '',
    secret: true,
    sentence: 'The password at redis.host.',
  }),
  redisName: text({
    environment: 'SENTINEL_REDIS_NAME',
    path: 'redis.name',
    default: 'sentinel',
    sentence: 'What all keys begin with; tells installations on one server apart.',
  }),
} as const;

export const REDIS_SETTING_NAMES = Object.keys(REDIS_SETTINGS) as readonly (keyof typeof REDIS_SETTINGS)[]; // the keys of a closed table

export type RedisConfig = { readonly [Name in keyof typeof REDIS_SETTINGS]: string | number };

/** The address of the server, password included; undefined when none is configured. */
export function redisUrlOf({ redisUrl, redisHost, redisPort, redisPassword }: RedisConfig): string | undefined {
  if (redisUrl !== '') return String(redisUrl);
  if (redisHost === '') return undefined;
  const host = String(redisHost);
  const password = redisPassword === '' ? '' : `:${encodeURIComponent(redisPassword)}@`;
  return `redis://${password}${host.includes(':') ? `[${host}]` : host}:${redisPort}`;
}

/** What contradicts itself; `given` tells the environment variables that are set. */
export function redisProblems(config: RedisConfig, given: (environment: string) => boolean): string[] {
  if (config.redisUrl !== '' && config.redisHost !== '') return ['REDIS_URL and REDIS_HOST: give one or the other'];
  const { redisUrl, redisHost, redisPort, redisPassword, redisName } = REDIS_SETTINGS;
  if (config.redisUrl === '' && config.redisHost === '') {
    const alone = [redisPort, redisPassword].find(({ environment }) => given(environment));
    if (alone !== undefined) return [`${alone.environment}: give ${redisHost.environment} too`];
    if (given(redisName.environment))
      return [`${redisName.environment}: give ${redisUrl.environment} or ${redisHost.environment} too`];
  }
  const isUnused = config.redisUrl !== '' && config.redisPassword !== '' && !hasPassword(String(config.redisUrl));
  return isUnused
    ? ['REDIS_PASSWORD: is that of REDIS_HOST; put it into REDIS_URL as redis://:password@host:port']
    : [];
}

/** An address that is none is told of elsewhere. */
const hasPassword = (url: string): boolean => !URL.canParse(url) || new URL(url).password !== '';
