/** The settings that name a Kafka cluster, and what they amount to. */
import { choice, flag, list, number, text } from './setting.ts';

const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

export const KAFKA_SETTINGS = {
  kafkaBrokers: list({
    environment: 'KAFKA_BROKERS',
    path: 'kafka.brokers',
    default: [],
    sentence: 'Some brokers of the cluster that holds the journal, host:port; none keeps it in the data directory.',
  }),
  kafkaTopicPrefix: text({
    environment: 'KAFKA_TOPIC_PREFIX',
    path: 'kafka.topic_prefix',
    default: '',
    sentence: 'What stands before the names of topics; tells installations on one cluster apart.',
  }),
  kafkaPartitions: number('whole number', {
    environment: 'SENTINEL_KAFKA_PARTITIONS',
    path: 'kafka.partitions',
    unit: 'partitions',
    default: 12,
    minimum: 1,
    maximum: 1_000,
    sentence: 'The partitions of topics made at the first start; so many workers share them at most.',
  }),
  kafkaGroup: text({
    environment: 'SENTINEL_KAFKA_GROUP',
    path: 'kafka.group',
    default: 'sentinel',
    sentence: 'The consumer group that stream workers share.',
  }),
  kafkaTls: flag({
    environment: 'KAFKA_SSL',
    path: 'kafka.tls',
    default: false,
    sentence: 'Whether brokers are spoken to through TLS.',
  }),
  kafkaUser: text({
    environment: 'KAFKA_USERNAME',
    path: 'kafka.user',
    default: '',
    sentence: 'The user to show to the brokers; empty shows none.',
  }),
  kafkaPassword: text({
    environment: 'KAFKA_PASSWORD',
    path: 'kafka.password',
    default: '',
    secret: true,
    sentence: 'The password that belongs to the user.',
  }),
  kafkaSaslMechanism: choice(SASL_MECHANISMS, {
    environment: 'KAFKA_SASL_MECHANISM',
    path: 'kafka.sasl_mechanism',
    default: 'plain',
    sentence: 'How the user is shown.',
  }),
} as const;

export const KAFKA_SETTING_NAMES = Object.keys(KAFKA_SETTINGS) as readonly (keyof typeof KAFKA_SETTINGS)[]; // the keys of a closed table

export type KafkaConfig = { readonly [Name in keyof typeof KAFKA_SETTINGS]: (typeof KAFKA_SETTINGS)[Name]['default'] };

/** A cluster as its clients are told of it. */
export interface KafkaCluster {
  readonly brokers: readonly string[];
  readonly ssl?: true;
  readonly sasl?: {
    readonly mechanism: (typeof SASL_MECHANISMS)[number];
    readonly username: string;
    readonly password: string;
  };
  /** What stands before the names of topics. */
  readonly prefix: string;
  readonly partitions: number;
  readonly groupId: string;
}

/** The cluster to use; undefined when none is configured. */
export function kafkaClusterOf(config: KafkaConfig): KafkaCluster | undefined {
  const { kafkaBrokers: brokers, kafkaUser: username, kafkaPassword: password } = config;
  if (brokers.length === 0) return undefined;
  return {
    brokers,
    ...(config.kafkaTls && { ssl: true }),
    ...(username !== '' && { sasl: { mechanism: config.kafkaSaslMechanism, username, password } }),
    prefix: config.kafkaTopicPrefix,
    partitions: config.kafkaPartitions,
    groupId: config.kafkaGroup,
  };
}

/** Of what names of topics are made; Kafka takes 249 characters. */
const TOPIC_PREFIX = /^[A-Za-z0-9._-]{0,200}$/;
const LAST_PORT = 65_535;

function isBroker(text: string): boolean {
  const port = /^(?:\[[^\]]+\]|[^:/\s]+):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) <= LAST_PORT;
}

/** What contradicts itself; `given` tells the environment variables that are set. */
export function kafkaProblems(config: KafkaConfig, given: (environment: string) => boolean): string[] {
  const { kafkaBrokers, ...others } = KAFKA_SETTINGS;
  if (config.kafkaBrokers.length === 0) {
    const alone = Object.values(others).find(({ environment }) => given(environment));
    return alone === undefined ? [] : [`${alone.environment}: give ${kafkaBrokers.environment} too`];
  }
  const problems = config.kafkaBrokers
    .filter((broker) => !isBroker(broker))
    .map((broker) => `${kafkaBrokers.environment}: expected host:port, got ${JSON.stringify(broker)}`);
  if (!TOPIC_PREFIX.test(config.kafkaTopicPrefix)) {
    const shown = JSON.stringify(config.kafkaTopicPrefix);
    problems.push(
      `${others.kafkaTopicPrefix.environment}: expected at most 200 letters, digits, dots, underscores and hyphens, got ${shown}`,
    );
  }
  if ((config.kafkaUser === '') !== (config.kafkaPassword === '')) {
    problems.push('KAFKA_USERNAME and KAFKA_PASSWORD: give both or neither');
  }
  return problems;
}
