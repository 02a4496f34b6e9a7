/** Config → where the journal of an installation lies. */
import { join } from 'node:path';
import { sealJournal } from '../adapters/kafka/seals.ts';
import { openRedisStore } from '../adapters/redis/open-store.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { type ChainKey } from '../adapters/segments/chain-key.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { keepSecret } from '../adapters/system/secret-file.ts';
import { JOURNAL_KEY_FILE } from '../compose/journal-key.ts';
import { readyTopics } from '../compose/kafka-topics.ts';
import { redisOptionsOf } from '../compose/shared/redis-options.ts';
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { kafkaClusterOf } from '../kafka-settings.ts';
import { type Log } from '../ports/log.ts';
import { redisUrlOf } from '../redis-settings.ts';
import { type JournalHome, segmentHome } from './journal-home.ts';
import { settingsInProduction } from './journal-proof.ts';
import { type KafkaPlace, kafkaPlaceOf } from './kafka-place.ts';
import { topicHome } from './topic-home.ts';

export function homeOf(config: Config, say: (line: string) => void): JournalHome {
  if (kafkaClusterOf(config) === undefined) return segmentHome(config.dataDir);
  return topicHome({
    dataDir: config.dataDir,
    isShared: redisUrlOf(config) !== undefined,
    place: (backupKey) => emptyPlaceOf(config, backupKey),
    prepare: (backup) => prepareTopics(config, join(backup, 'models'), say),
    conclude: (place) => concludeImport(config, place),
  });
}

/** The place on Kafka; where it has no key yet, `givenKey` becomes its key. */
export function emptyPlaceOf(config: Config, givenKey?: ChainKey): KafkaPlace {
  const file = join(config.dataDir, JOURNAL_KEY_FILE);
  if (givenKey !== undefined && config.journalKey === '') keepSecret(file, givenKey.key.export());
  return kafkaPlaceOf(config)!; // asked for where a cluster is configured
}

/** Makes the topics that are missing, so that they keep what the model in production needs. */
export async function prepareTopics(config: Config, modelsDir: string, say: (line: string) => void): Promise<void> {
  const features = await settingsInProduction(createFileModelRegistry(modelsDir, systemClock));
  if (features === undefined) {
    throw new SentinelError('USAGE', { problem: `there is no model in ${modelsDir}, which tells how long the topics are to keep payments` }); // prettier-ignore
  }
  const log: Log = { info: () => undefined, warn: (_, text) => say(text), error: (_, text) => say(text) };
  await readyTopics(kafkaClusterOf(config)!, features.labelDelayMs, log);
}

/** What must follow when another journal has come into the topic: seals over it, and no profiles of the one before. */
export async function concludeImport(config: Config, place: KafkaPlace): Promise<void> {
  await sealJournal(place);
  await forgetProfiles(config);
}

/** Profiles on Redis are of the journal before; instances restore them from the one that is there now. */
async function forgetProfiles(config: Config): Promise<void> {
  if (redisUrlOf(config) === undefined) return;
  const redis = await openRedisStore(redisOptionsOf(config));
  await redis.state.restore().finally(() => redis.close());
}
