/** The cluster that commands about topics talk to. */
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { KAFKA_SETTING_NAMES, type KafkaCluster, kafkaClusterOf } from '../kafka-settings.ts';

/** What such a command reads. */
export const CLUSTER_SETTINGS = KAFKA_SETTING_NAMES;

/** Throws CONFIG_INVALID when none is configured. */
export function requireCluster(config: Config): KafkaCluster {
  const cluster = kafkaClusterOf(config);
  if (cluster === undefined) throw new SentinelError('CONFIG_INVALID', { problems: 'no brokers: set KAFKA_BROKERS' });
  return cluster;
}
