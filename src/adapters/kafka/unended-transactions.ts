/** Transactions that a broker has forgotten to end: no reader of committed messages comes past them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS } from '../../domain/time.ts';
import {
  type Cluster,
  createKafka,
  type KafkaSettings,
  openCluster,
  reaching,
  READ_COMMITTED,
  READ_UNCOMMITTED,
} from './client.ts';
import { TRANSACTION_LIMIT_MS } from './partition-owner.ts';

export interface UnendedTransaction {
  readonly topic: string;
  readonly partition: number;
  /** Of its first message. */
  readonly offset: number;
}

/** How often a coordinator looks for transactions past their limit (transaction.abort.timed.out.transaction.cleanup.interval.ms). */
const CLEANUP_MS = 10 * SECOND_MS;
const WATCH_MS = TRANSACTION_LIMIT_MS + CLEANUP_MS + 5 * SECOND_MS;
const PAUSE_MS = SECOND_MS;

const nameOf = ({ topic, partition }: UnendedTransaction): string => `${topic} ${partition}`;

/** The offsets after the last message of every partition that a reader of this isolation sees. */
async function endsOf(cluster: Cluster, topics: readonly string[]): Promise<UnendedTransaction[]> {
  const ends: UnendedTransaction[] = [];
  for (const topic of topics) {
    const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
    const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }]);
    for (const { partition, offset } of answer!.partitions) ends.push({ topic, partition, offset: Number(offset) });
  }
  return ends;
}

/**
 * Those whose first message has been the last word of its partition for longer than any transaction of ours may take; answers
 * at once where none is under way, else once all have moved, at the latest after `watchMs`, milliseconds. Throws
 * BROKER_UNAVAILABLE, also where there is no such topic.
 */
export async function unendedTransactions(
  settings: KafkaSettings,
  topics: readonly string[],
  watchMs = WATCH_MS,
): Promise<readonly UnendedTransaction[]> {
  const clusters = [READ_COMMITTED, READ_UNCOMMITTED].map((isolation) => openCluster(createKafka(settings), isolation));
  const [committed, written] = clusters as [Cluster, Cluster];
  try {
    return await reaching(settings, async () => {
      for (const cluster of clusters) {
        await cluster.connect();
        for (const topic of topics) await cluster.addTargetTopic(topic);
      }
      let still = await endsOf(committed, topics);
      const keep = async (cluster: Cluster, holds: (offset: number, end: number) => boolean): Promise<void> => {
        const ends = new Map((await endsOf(cluster, topics)).map((end) => [nameOf(end), end.offset]));
        still = still.filter((each) => holds(each.offset, ends.get(nameOf(each))!));
      };
      await keep(written, (offset, end) => offset < end);
      for (const begun = performance.now(); still.length > 0 && performance.now() - begun < watchMs;) {
        await sleep(PAUSE_MS);
        await keep(committed, (offset, end) => offset === end);
      }
      return still;
    });
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.disconnect()));
  }
}
