import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { deploymentOf } from '../src/deployment.ts';
import { SentinelError } from '../src/domain/errors.ts';
import { kafkaClusterOf } from '../src/kafka-settings.ts';
import { redisUrlOf } from '../src/redis-settings.ts';

type Environment = Readonly<Record<string, string>>;

const KAFKA = { KAFKA_BROKERS: 'k1:9092, k2:9092' };
const REDIS = { REDIS_URL: 'redis://:s3cret@r:6379/2' };
const POSTGRES = { DB_HOST: 'db' };

function problemOf(environment: Environment): string {
  try {
    readConfig({ environment });
  } catch (error) {
    if (error instanceof SentinelError && error.code === 'CONFIG_INVALID') return String(error.details.problems);
    throw error;
  }
  return '';
}

describe('the parts a service is made of', () => {
  it.each<[string, Environment, string]>([
    ['segments', {}, 'segments'],
    ['segments and PostgreSQL', POSTGRES, 'segments'],
    ['Kafka, one instance', KAFKA, 'kafka'],
    ['Kafka and PostgreSQL, one instance', { ...KAFKA, ...POSTGRES }, 'kafka'],
    ['Kafka and Redis', { ...KAFKA, ...REDIS }, 'shared'],
    ['Kafka, Redis and PostgreSQL', { ...KAFKA, ...REDIS, ...POSTGRES }, 'shared'],
    ['Kafka and Redis, several processes', { ...KAFKA, ...REDIS, API_WORKERS: '4' }, 'shared'],
  ])('may be %s', (_, environment, deployment) => {
    expect(deploymentOf(readConfig({ environment }))).toBe(deployment);
  });

  it.each<[string, Environment, RegExp]>([
    ['Redis without Kafka', REDIS, /Redis without Kafka: .* set KAFKA_BROKERS too, or unset REDIS_URL/],
    ['Redis and PostgreSQL without Kafka', { ...REDIS, ...POSTGRES }, /Redis without Kafka/],
    ['several processes on segments', { API_WORKERS: '2' }, /without Kafka and Redis exactly one process scores; set/],
    ['several processes on Kafka alone', { ...KAFKA, API_WORKERS: '2' }, /API_WORKERS is 2, but .* REDIS_URL/],
    ['several processes on Redis alone', { ...REDIS, API_WORKERS: '2' }, /Redis without Kafka[^]*API_WORKERS is 2/],
    [
      'a journal key without Kafka',
      { SENTINEL_JOURNAL_KEY: 'ab'.repeat(32) },
      /has its key beside it; set KAFKA_BROKERS/,
    ],
    ['brokers without a port', { KAFKA_BROKERS: 'k1' }, /KAFKA_BROKERS: expected host:port, got "k1"/],
    ['a user without a password', { ...KAFKA, KAFKA_USERNAME: 'ann' }, /KAFKA_USERNAME and KAFKA_PASSWORD: give both/],
    ['a topic prefix without brokers', { KAFKA_TOPIC_PREFIX: 'x.' }, /KAFKA_TOPIC_PREFIX: give KAFKA_BROKERS too/],
    [
      'two addresses of Redis',
      { ...KAFKA, ...REDIS, REDIS_HOST: 'r' },
      /REDIS_URL and REDIS_HOST: give one or the other/,
    ],
    ['a port of Redis without a host', { ...KAFKA, REDIS_PORT: '1' }, /REDIS_PORT: give REDIS_HOST too/],
    ['a password of Redis without a host', { ...KAFKA, REDIS_PASSWORD: 'p' }, /REDIS_PASSWORD: give REDIS_HOST too/],
    [
      'a name in Redis without a server',
      { ...KAFKA, SENTINEL_REDIS_NAME: 'x' },
      /NAME: give REDIS_URL or REDIS_HOST too/,
    ],
    [
      'a password that an address of Redis leaves out',
      { ...KAFKA, REDIS_URL: 'redis://r:6379', REDIS_PASSWORD: 'p' },
      /REDIS_PASSWORD: is that of REDIS_HOST; put it into REDIS_URL/,
    ],
    [
      'a database of Redis by name',
      { ...KAFKA, REDIS_URL: 'redis://r:6379/main' },
      /REDIS_URL: expected .* a number, got \*/,
    ],
    ['brokers at a port that none has', { KAFKA_BROKERS: 'k1:99999' }, /KAFKA_BROKERS: expected host:port/],
    [
      'a topic prefix that no topic may have',
      { ...KAFKA, KAFKA_TOPIC_PREFIX: 'a b/' },
      /KAFKA_TOPIC_PREFIX: .* got "a b\/"/,
    ],
  ])('may not be %s, and the reason is given', (_, environment, problem) => {
    expect(problemOf(environment)).toMatch(problem);
  });

  it('may name the password of Redis beside an address that holds it, as for the server itself', () => {
    expect(problemOf({ ...KAFKA, ...REDIS, REDIS_PASSWORD: 's3cret' })).toBe('');
  });

  it('are told to their clients as their settings say', () => {
    const config = readConfig({
      environment: { ...KAFKA, KAFKA_SSL: 'true', KAFKA_USERNAME: 'ann', KAFKA_PASSWORD: 'p', KAFKA_TOPIC_PREFIX: 'x.', REDIS_HOST: '::1', REDIS_PASSWORD: 's/@' }, // prettier-ignore
    });
    expect(kafkaClusterOf(config)).toEqual({
      brokers: ['k1:9092', 'k2:9092'],
      ssl: true,
      sasl: { mechanism: 'plain', username: 'ann', password: 'p' },
      prefix: 'x.',
      partitions: 12,
      groupId: 'sentinel',
    });
    expect(redisUrlOf(config)).toBe('redis://:s%2F%40@[::1]:6379');
  });
});
