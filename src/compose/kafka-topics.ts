/** The topics at start: made where they are missing, refused where they would lose records. */
import { type KafkaSettings } from '../adapters/kafka/client.ts';
import { prepareTopics } from '../adapters/kafka/topics.ts';
import { SentinelError } from '../domain/errors.ts';
import { type KafkaCluster } from '../kafka-settings.ts';
import { type Log } from '../ports/log.ts';

/** What the clients are told of the cluster. */
export function kafkaSettingsOf(
  { prefix: _, partitions: __, groupId: ___, ...servers }: KafkaCluster,
  log: Log,
): KafkaSettings {
  return { ...servers, onNotice: (text) => log.warn({}, text) };
}

/** Throws CONFIG_INVALID with what stands in the way of a promise, BROKER_UNAVAILABLE. */
export async function readyTopics(cluster: KafkaCluster, labelDelayMs: number, log: Log): Promise<void> {
  const { prefix, partitions } = cluster;
  const reports = await prepareTopics({ ...kafkaSettingsOf(cluster, log), prefix, partitions, labelDelayMs });
  const problems = reports.flatMap((report) =>
    report.problems.map((problem) => `\n  topic ${report.topic}: ${problem}`),
  );
  if (problems.length > 0) throw new SentinelError('CONFIG_INVALID', { problems: problems.join('') });
  for (const { topic, created } of reports) if (created) log.info({ topic }, 'topic made');
  for (const notice of new Set(reports.flatMap(({ notices }) => notices))) log.warn({}, notice);
}
