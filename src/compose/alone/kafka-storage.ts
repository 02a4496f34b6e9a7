/** The journal of one instance as a topic, and its snapshots as files. */
import { join } from 'node:path';
import { type KafkaJournalOptions, openKafkaJournal } from '../../adapters/kafka/journal.ts';
import { openSnapshotStore } from '../../adapters/segments/snapshot-store.ts';
import { type Config } from '../../config.ts';
import { DAY_MS } from '../../domain/time.ts';
import { type FeatureSettings } from '../../features/engine.ts';
import { type KafkaCluster } from '../../kafka-settings.ts';
import { type Log } from '../../ports/log.ts';
import { journalKeyOf } from '../journal-key.ts';
import { journalTopicOf } from '../journal-topic.ts';
import { kafkaSettingsOf, readyTopics } from '../kafka-topics.ts';

export async function openKafkaStorage(
  config: Config,
  cluster: KafkaCluster,
  { labelDelayMs }: FeatureSettings,
  log: Log,
  { onPoison, onCommit }: Pick<KafkaJournalOptions, 'onPoison' | 'onCommit'>,
) {
  const key = journalKeyOf(config);
  const servers = kafkaSettingsOf(cluster, log);
  await readyTopics(cluster, labelDelayMs, log);
  const journal = await openKafkaJournal({
    ...servers,
    topic: journalTopicOf(cluster),
    key: key.key,
    seed: key.seed,
    exactWindowMs: config.exactIdDays * DAY_MS,
    ...(onPoison && { onPoison }),
    ...(onCommit && { onCommit }),
  });
  const directory = join(config.dataDir, 'snapshots');
  const snapshots = await openSnapshotStore({ directory, key, onNotice: (text) => log.warn({}, text) });
  return { journal, snapshots };
}
