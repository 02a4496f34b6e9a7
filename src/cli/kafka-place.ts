/** The journal on Kafka as commands reach it: brokers, topics and key. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type KafkaSettings } from '../adapters/kafka/client.ts';
import { type ChainKey } from '../adapters/segments/chain-key.ts';
import { JOURNAL_KEY_FILE, journalKeyOf } from '../compose/journal-key.ts';
import { journalTopicOf } from '../compose/journal-topic.ts';
import { type Config, type SettingName } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { KAFKA_SETTING_NAMES, kafkaClusterOf } from '../kafka-settings.ts';

/** What a command reads to find the journal, wherever it is. */
export const JOURNAL_SETTINGS: readonly SettingName[] = ['dataDir', ...KAFKA_SETTING_NAMES];

export interface KafkaPlace extends KafkaSettings {
  /** Stands before the names of topics. */
  readonly prefix: string;
  readonly partitions: number;
  readonly topic: string;
  readonly chainKey: ChainKey;
  readonly key: ChainKey['key'];
}

/** The place of the journal on Kafka; undefined when it is kept in local files. Makes no key: JOURNAL_CORRUPT without one. */
export function kafkaPlaceOf(config: Config): KafkaPlace | undefined {
  const cluster = kafkaClusterOf(config);
  if (cluster === undefined) return undefined;
  const place = join(config.dataDir, JOURNAL_KEY_FILE);
  if (config.journalKey === '' && !existsSync(place)) {
    throw new SentinelError('JOURNAL_CORRUPT', { place, problem: 'the key file is missing, and SENTINEL_JOURNAL_KEY is not set' }); // prettier-ignore
  }
  const { groupId: _, prefix, ...settings } = cluster;
  const chainKey = journalKeyOf(config);
  return { ...settings, prefix, topic: journalTopicOf(cluster), chainKey, key: chainKey.key };
}
