/** Reads a topic from any offset of any partition, without a consumer group; committed messages only. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Cluster,
  committedBatch,
  createKafka,
  type FetchedMessage,
  type KafkaSettings,
  openCluster,
  patienceOf,
  reaching,
  READ_COMMITTED,
} from './client.ts';

export interface ReadPartition {
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
  /** Where the next fetch of the partition begins. */
  readonly next: number;
}

export interface FetchSize {
  /** To be waited for, of all together. */
  readonly leastBytes?: number;
  /** Of one partition at most, but for its first batch, which comes whole. */
  readonly partitionBytes?: number;
}

export interface TopicReader {
  readonly partitions: number;
  /** By partition: the first offset kept, and the one after the last that is committed. */
  offsets(): Promise<{ readonly earliest: readonly number[]; readonly latest: readonly number[] }>;
  /** By partition: the offset of the first message written at `timeMs` or later; -1 when there is none. */
  offsetsAt(timeMs: number): Promise<readonly number[]>;
  /**
   * What follows the offsets given by partition, some of it; waits at most `waitMs` for something new. Rides over a broker's
   * restart; rejects with BROKER_UNAVAILABLE when none answers in time.
   */
  fetch(from: ReadonlyMap<number, number>, waitMs: number, size?: FetchSize): Promise<readonly ReadPartition[]>;
  close(): Promise<void>;
}

/** Bytes of one answer and of one partition in it: enough to be fast, little enough to decode without a pause. */
const ANSWER_BYTES = 4 * 1024 * 1024;
const PARTITION_BYTES = 1024 * 1024;
const PAUSE_MS = 100;

/** Throws BROKER_UNAVAILABLE when no broker answers in time or there is no such topic. */
export async function openTopicReader(settings: KafkaSettings, topic: string): Promise<TopicReader> {
  const patienceMs = patienceOf(settings);
  const cluster = openCluster(createKafka(settings));
  await reaching(settings, async () => {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
  }).catch(async (error: unknown) => {
    await cluster.disconnect();
    throw error;
  });
  const numbers = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  let closed = false;

  /** Asks again, with fresh knowledge of who leads what, until an answer comes or patience ends. */
  const persistently = <T>(ask: () => Promise<T>): Promise<T> => reaching(settings, () => repeatedly(ask));

  const repeatedly = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (const begun = performance.now(); ;) {
      try {
        return await ask();
      } catch (error) {
        if (closed || isFinal(error) || performance.now() - begun > patienceMs) throw error;
        await sleep(PAUSE_MS);
        if (closed) throw error; // else it would connect again
        await refresh(cluster, error).catch(() => undefined); // the next round says what is wrong
      }
    }
  };

  const offsetsOf = async (
    from: { readonly fromBeginning: boolean } | { readonly fromTimestamp: number },
  ): Promise<readonly number[]> => {
    const partitions = numbers.map((partition) => ({ partition }));
    const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions, ...from }]);
    const offsets = new Array<number>(numbers.length).fill(0);
    for (const { partition, offset } of answer?.partitions ?? []) offsets[partition] = Number(offset);
    return offsets;
  };

  const fetchFrom = async (
    nodeId: string,
    partitions: readonly number[],
    from: ReadonlyMap<number, number>,
    waitMs: number,
    { leastBytes = 1, partitionBytes = PARTITION_BYTES }: FetchSize,
  ): Promise<readonly ReadPartition[]> => {
    const broker = await cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      maxWaitTime: waitMs,
      minBytes: leastBytes,
      maxBytes: ANSWER_BYTES,
      isolationLevel: READ_COMMITTED,
      topics: [
        {
          topic,
          partitions: partitions.map((partition) => ({
            partition,
            fetchOffset: String(from.get(partition)!),
            maxBytes: Math.min(partitionBytes, PARTITION_BYTES),
          })),
        },
      ],
    });
    return responses.flatMap((response) =>
      response.partitions.map((data) => {
        const offset = from.get(data.partition)!;
        const { messages, rawMessages } = committedBatch(topic, String(offset), data);
        const last = rawMessages.at(-1);
        return {
          partition: data.partition,
          messages,
          next: last === undefined ? offset : Math.max(offset, Number(last.offset) + 1),
        };
      }),
    );
  };

  return {
    partitions: numbers.length,
    offsets: () =>
      persistently(async () => {
        await cluster.refreshMetadataIfNecessary();
        return {
          earliest: await offsetsOf({ fromBeginning: true }),
          latest: await offsetsOf({ fromBeginning: false }),
        };
      }),
    offsetsAt: (timeMs) =>
      persistently(async () => {
        await cluster.refreshMetadataIfNecessary();
        return offsetsOf({ fromTimestamp: timeMs });
      }),
    fetch: (from, waitMs, size = {}) =>
      persistently(async () => {
        await cluster.refreshMetadataIfNecessary();
        const leaders = cluster.findLeaderForPartitions(topic, [...from.keys()]);
        const answers = await Promise.all(
          Object.entries(leaders).map(([nodeId, partitions]) => fetchFrom(nodeId, partitions, from, waitMs, size)),
        );
        return answers.flat();
      }),
    async close() {
      closed = true;
      await cluster.disconnect();
    },
  };
}

const STRETCH_WAIT_MS = 250;

/** The messages of a partition from `from` to before `end`, which must be committed; their number is below that of offsets. */
export async function* readStretch(
  reader: TopicReader,
  partition: number,
  from: number,
  end: number,
): AsyncGenerator<FetchedMessage, void> {
  for (let at = from; at < end;) {
    const [answer] = await reader.fetch(new Map([[partition, at]]), STRETCH_WAIT_MS);
    for (const message of answer?.messages ?? []) if (Number(message.offset) < end) yield message;
    at = answer?.next ?? at;
  }
}

interface ClientError {
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
}

/** Offsets that retention has removed come back by no repetition. */
function isFinal(error: unknown): boolean {
  return (error as ClientError).name === 'KafkaJSOffsetOutOfRange';
}

async function refresh(cluster: Cluster, error: unknown): Promise<void> {
  const { name, host, port } = error as ClientError;
  if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined) {
    cluster.removeBroker({ host, port });
  }
  await cluster.connect();
  await cluster.refreshMetadata();
}
