/** The Kafka client: kafkajs as this program uses it, and what of its inside is needed to read a topic without a group. */
// These must stand before kafkajs.
import './aborted-messages.ts';
import './one-connection.ts';
import './produce-request.ts';
import { createRequire } from 'node:module';
import { SentinelError } from '../../domain/errors.ts';
import kafkajs, {
  type ICustomPartitioner,
  type Kafka,
  type KafkaConfig,
  type LogEntry,
  type ProducerConfig,
  type SASLOptions,
} from 'kafkajs';
import { partitionOfKey } from './partition-of-key.ts';

export interface KafkaSettings {
  /** host:port of some brokers; the others are learned from them. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** How long brokers may be away before something fails, milliseconds; default 30 s: a restart takes one some ten. */
  readonly patienceMs?: number;
  /** What the client warns of, for the log. */
  readonly onNotice?: (text: string) => void;
}

const CLIENT_ID = 'sentinel';
const CONNECT_LIMIT_MS = 3_000;
/** An answer that takes longer is asked for again; the broker knows a repeated batch by its sequence number. */
const REQUEST_LIMIT_MS = 15_000;
const PATIENCE_MS = 30_000;
/** A broker that restarts is back in seconds: ask often at first, then once a second. */
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 1_000;

/** Attempts until the time has passed: waits double from the first to the longest, then stay there. */
function attemptsWithin(patienceMs: number): number {
  let attempts = 0;
  for (let waited = 0, wait = FIRST_RETRY_MS; waited < patienceMs; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
    waited += wait;
    attempts += 1;
  }
  return attempts;
}

/** What the client throws as BROKER_UNAVAILABLE; an error of our own as it is. */
export function asUnavailable({ brokers }: KafkaSettings, error: unknown): SentinelError {
  if (error instanceof SentinelError) return error;
  const { message } = error as Error;
  return new SentinelError('BROKER_UNAVAILABLE', { brokers: brokers.join(','), problem: message }, error as Error);
}

/** Runs `work`; what the client throws becomes BROKER_UNAVAILABLE. */
export async function reaching<T>(settings: KafkaSettings, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asUnavailable(settings, error);
  }
}

export function patienceOf({ patienceMs = PATIENCE_MS }: KafkaSettings): number {
  return patienceMs;
}

export function createKafka(settings: KafkaSettings): Kafka {
  const { onNotice } = settings;
  return new kafkajs.Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId ?? CLIENT_ID,
    connectionTimeout: CONNECT_LIMIT_MS,
    requestTimeout: REQUEST_LIMIT_MS,
    retry: {
      initialRetryTime: FIRST_RETRY_MS,
      maxRetryTime: LONGEST_RETRY_MS,
      retries: attemptsWithin(patienceOf(settings)),
    },
    logLevel: kafkajs.logLevel.ERROR,
    logCreator: () => (entry) => onNotice?.(sentenceOf(entry)),
    ...(settings.ssl !== undefined && { ssl: settings.ssl }),
    ...(settings.sasl !== undefined && { sasl: settings.sasl as SASLOptions }), // which names each mechanism apart
  });
}

function sentenceOf({ namespace, log }: LogEntry): string {
  const problem = typeof log['error'] === 'string' ? `: ${log['error']}` : '';
  return `Kafka ${namespace.toLowerCase()}: ${log.message}${problem}`;
}

/** kafkajs's own, but quicker where there is a partition or a key. */
export const partitioner: ICustomPartitioner = () => {
  const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
  return (given) => {
    const { key, partition } = given.message;
    if (partition !== undefined) return partition;
    if (typeof key !== 'string' && !(key instanceof Uint8Array)) return partitionOf(given);
    return partitionOfKey(key, given.partitionMetadata.length);
  };
};

/** A producer that writes in order, to topics that are there. */
export const IN_ORDER = {
  maxInFlightRequests: 1,
  allowAutoTopicCreation: false,
  createPartitioner: partitioner,
} as const satisfies ProducerConfig;
/** For `acks`: those in sync. */
export const ALL_REPLICAS = -1;
/** For a producer of transactions: the broker asks for patience while it finishes the one before, some milliseconds. */
export const TRANSACTION_RETRY = { initialRetryTime: 5, maxRetryTime: 500, retries: 60 } as const;

/** One decoded message; control records and what was aborted are left out. */
export interface FetchedMessage {
  readonly offset: string;
  /** When it was sent, epoch milliseconds. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

export interface FetchedBatch {
  readonly messages: readonly FetchedMessage[];
  /** All that came, with what is left out. */
  readonly rawMessages: readonly { readonly offset: string }[];
}

export interface FetchRequest {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

/** A fetch's answer for one partition, before aborted messages are left out. */
export interface FetchedPartitionData {
  readonly partition: number;
}

/** The part of kafkajs's cluster object that a reader needs. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  removeBroker(address: { readonly host: string; readonly port: number }): void;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, number[]>>;
  findBroker(node: { readonly nodeId: string }): Promise<{
    fetch(request: FetchRequest): Promise<{
      readonly responses: readonly {
        readonly topicName: string;
        readonly partitions: readonly FetchedPartitionData[];
      }[];
    }>;
  }>;
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromBeginning?: boolean;
      /** Epoch milliseconds: the first offset of that time or later. */
      readonly fromTimestamp?: number;
    }[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
}

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;

const require = createRequire(import.meta.url);
const Batch = require('kafkajs/src/consumer/batch.js') as new (
  topic: string,
  fetchedOffset: string,
  data: FetchedPartitionData,
) => FetchedBatch;

export function committedBatch(topic: string, fetchedOffset: string, data: FetchedPartitionData): FetchedBatch {
  return new Batch(topic, fetchedOffset, data);
}

type CreateCluster = (options: {
  readonly metadataMaxAge: number;
  readonly allowAutoTopicCreation: boolean;
  readonly isolationLevel: number;
}) => Cluster;

const METADATA_MAX_AGE_MS = 60_000;

/** kafkajs reads topics only through consumer groups; a journal is read from any place, by anyone, at once. */
export function openCluster(kafka: Kafka, isolationLevel = READ_COMMITTED): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  if (symbol === undefined) throw new Error('this version of kafkajs keeps its cluster elsewhere');
  const create = (kafka as unknown as Record<symbol, CreateCluster>)[symbol]!;
  return create({
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel,
  });
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';

/** Names a topic where settings are asked for. */
export const TOPIC_RESOURCE = kafkajs.ConfigResourceTypes.TOPIC;
