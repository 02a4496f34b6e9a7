/** Where the truth of a service lies, and which combinations of parts can keep it. */
import { type KafkaConfig, kafkaClusterOf } from './kafka-settings.ts';
import { type RedisConfig, redisUrlOf } from './redis-settings.ts';

/**
 * segments: one instance, its journal in local files. kafka: one instance, its journal on Kafka. shared: one or
 * more instances, the journal on Kafka and the profiles on Redis.
 */
export type Deployment = 'segments' | 'kafka' | 'shared';

export interface DeploymentConfig extends KafkaConfig, RedisConfig {
  readonly apiWorkers: number;
  readonly journalKey: string;
}

export function deploymentOf(config: KafkaConfig & RedisConfig): Deployment {
  if (kafkaClusterOf(config) === undefined) return 'segments';
  return redisUrlOf(config) === undefined ? 'kafka' : 'shared';
}

/** What no combination of parts can do, with what to do about it. */
export function deploymentProblems(config: DeploymentConfig): string[] {
  const deployment = deploymentOf(config);
  const problems: string[] = [];
  if (deployment === 'segments' && redisUrlOf(config) !== undefined) {
    problems.push(
      'Redis without Kafka: a journal in local files has one writer, which keeps the profiles in its own memory; ' +
        'set KAFKA_BROKERS too, or unset REDIS_URL and REDIS_HOST',
    );
  }
  if (deployment !== 'shared' && config.apiWorkers > 1) {
    problems.push(
      `API_WORKERS is ${config.apiWorkers}, but without Kafka and Redis exactly one process scores; ` +
        'set KAFKA_BROKERS and REDIS_URL, or API_WORKERS to 1',
    );
  }
  if (deployment === 'segments' && config.journalKey !== '') {
    problems.push(
      'SENTINEL_JOURNAL_KEY: a journal in local files has its key beside it; set KAFKA_BROKERS too, or unset it',
    );
  }
  return problems;
}
