/** The topics: what each holds and must be set to, made where they are missing, checked where they are. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, type ITopicConfig } from 'kafkajs';
import { DAY_MS, HOUR_MS } from '../../domain/time.ts';
import { createKafka, type KafkaSettings, patienceOf, reaching, TOPIC_RESOURCE } from './client.ts';

interface TopicDefinition {
  readonly holds: string;
  readonly key: string;
  /** `history`: as long as profiles reach back; else milliseconds. -1 keeps everything. */
  readonly retention: 'history' | number;
  /** Largest batch of messages, bytes. */
  readonly batchBytes: number;
  /** How the broker keeps what is sent, however it was compressed; by default as it was. */
  readonly compressions?: readonly string[];
}

/** Kafka's own default. */
const USUAL_BATCH_BYTES = 1_048_588;
/** A record of some MiB (a policy, tables) and the block before it; a dead letter, which is its message and more. */
const LARGE_BATCH_BYTES = 10 * 1024 * 1024;
/** Others write in whatever compression they like; the client reads no lz4, snappy or zstd. The first is set. */
const READABLE = ['uncompressed', 'gzip'];
/** Long enough to repair whoever reads it over a long weekend. */
const EXCHANGE_RETENTION_MS = 7 * DAY_MS;

const TOPICS = {
  transactions: {
    holds: 'payments to decide: the body of POST /api/v1/predict',
    key: 'user id',
    retention: EXCHANGE_RETENTION_MS,
    batchBytes: USUAL_BATCH_BYTES,
    compressions: READABLE,
  },
  decisions: {
    holds: 'the answers of POST /api/v1/predict',
    key: 'user id',
    retention: EXCHANGE_RETENTION_MS,
    batchBytes: USUAL_BATCH_BYTES,
  },
  alerts: {
    holds: 'answers that block, or ask for review above the policy’s alert score',
    key: 'user id',
    retention: EXCHANGE_RETENTION_MS,
    batchBytes: USUAL_BATCH_BYTES,
  },
  labels: {
    holds: 'what payments turned out to be: one label, as the body of POST /api/v1/labels',
    key: 'transaction id',
    retention: EXCHANGE_RETENTION_MS,
    batchBytes: USUAL_BATCH_BYTES,
    compressions: READABLE,
  },
  'transactions.dlq': {
    holds: 'messages that could not be read, byte for byte, with reason, error and source in their headers',
    key: 'as sent',
    retention: 30 * DAY_MS,
    batchBytes: LARGE_BATCH_BYTES,
  },
  journal: {
    holds: 'all records, each the frame of journal/frame.ts',
    key: 'user id, else what the record is about',
    retention: 'history',
    batchBytes: LARGE_BATCH_BYTES,
  },
  seals: {
    holds: 'MACs over stretches of offsets of the journal, chained by partition',
    key: 'partition',
    retention: -1,
    batchBytes: USUAL_BATCH_BYTES,
  },
} as const satisfies Readonly<Record<string, TopicDefinition>>;
export type TopicName = keyof typeof TOPICS;
const definitionOf = (name: TopicName): TopicDefinition => TOPICS[name];

export const TOPIC_NAMES = Object.keys(TOPICS) as readonly TopicName[];

/** Profiles reach back 30 days; late payments and a restore that takes a weekend come on top. */
const PROFILE_DAYS = 30;
const MARGIN_MS = 4 * DAY_MS;
const USUAL_PARTITIONS = 12;
const USUAL_REPLICAS = 3;
const DURABLE_REPLICAS = 2;

export interface TopicOptions extends KafkaSettings {
  /** Stands before every name; for several installations on one cluster. */
  readonly prefix?: string;
  /** How long a payment stays without a label before it counts as genuine. */
  readonly labelDelayMs: number;
  /** Of topics made anew; at most so many workers or readers share a topic. `seals` has one. */
  readonly partitions?: number;
  readonly only?: readonly TopicName[];
}

export interface TopicReport {
  readonly topic: string;
  /** It was made now. */
  readonly created: boolean;
  readonly partitions: number;
  readonly replicas: number;
  /** What stands in the way of a promise; such a topic must be mended before it is used. */
  readonly problems: readonly string[];
  /** What holds less than the most that could be promised. */
  readonly notices: readonly string[];
}

/**
 * A machine whose clock is further ahead could record nothing: brokers from 4.0 on bound it at an hour. Source: KIP-1030.
 */
const FUTURE_SETTING = 'message.timestamp.after.max.ms';
const NO_BOUND = String(2n ** 63n - 1n);

const LEADERS_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Makes the topics that are missing and reports on all; may be run any number of times, by several at once. Throws BROKER_UNAVAILABLE. */
export async function prepareTopics(options: TopicOptions): Promise<readonly TopicReport[]> {
  const admin = createKafka(options).admin();
  try {
    return await reaching(options, () => prepare(admin, options));
  } finally {
    await admin.disconnect();
  }
}

/** The same without making any: what is missing is named. */
export async function inspectTopics(options: TopicOptions): Promise<{
  readonly reports: readonly TopicReport[];
  readonly missing: readonly string[];
  readonly brokers: number;
}> {
  const admin = createKafka(options).admin();
  try {
    return await reaching(options, async () => {
      await admin.connect();
      const names = namesOf(options);
      const present = await topicsPresent(admin, patienceOf(options));
      const { brokers } = await admin.describeCluster();
      const [here, missing] = [
        names.filter(({ topic }) => present.has(topic)),
        names.filter(({ topic }) => !present.has(topic)),
      ];
      const reports = here.length === 0 ? [] : await describe(admin, here, new Set(), options);
      return { reports, missing: missing.map(({ topic }) => topic), brokers: brokers.length };
    });
  } finally {
    await admin.disconnect();
  }
}

const namesOf = ({
  only,
  prefix = '',
}: TopicOptions): readonly { readonly name: TopicName; readonly topic: string }[] =>
  (only ?? TOPIC_NAMES).map((name) => ({ name, topic: prefix + name }));

const PRESENT_PAUSE_MS = 250;

/** Asked again while kafkajs 2.2.4 fails with a TypeError: it takes brokers that all went away meanwhile for an empty answer. */
export async function topicsPresent(
  admin: Pick<Admin, 'listTopics'>,
  patienceMs: number,
): Promise<ReadonlySet<string>> {
  for (const begun = performance.now(); ;) {
    try {
      return new Set(await admin.listTopics());
    } catch (error) {
      if (!(error instanceof TypeError) || performance.now() - begun > patienceMs) throw error;
      await sleep(PRESENT_PAUSE_MS);
    }
  }
}

async function prepare(admin: Admin, options: TopicOptions): Promise<readonly TopicReport[]> {
  await admin.connect();
  const names = namesOf(options);
  const present = await topicsPresent(admin, patienceOf(options));
  const missing = names.filter(({ topic }) => !present.has(topic));
  const { brokers } = await admin.describeCluster();
  const replicas = Math.min(USUAL_REPLICAS, brokers.length);
  if (missing.length > 0) {
    await createAll(
      admin,
      missing.map(({ name, topic }) => definition(name, topic, replicas, options)),
    );
    await leadersOf(
      admin,
      missing.map(({ topic }) => topic),
    );
  }
  return describe(admin, names, new Set(missing.map(({ topic }) => topic)), options);
}

async function createAll(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  const create = (more: NonNullable<ITopicConfig['configEntries']>): Promise<boolean> =>
    admin.createTopics({
      topics: topics.map((topic) => ({ ...topic, configEntries: [...(topic.configEntries ?? []), ...more] })),
      waitForLeaders: false,
    });
  try {
    await create([{ name: FUTURE_SETTING, value: NO_BOUND }]);
  } catch (error) {
    const { errors = [error] } = error as { errors?: readonly unknown[] };
    if (!errors.every((each) => (each as { type?: string }).type === 'INVALID_CONFIG')) throw error;
    await create([]); // brokers before 3.6, which have no such bound
  }
}

/** Waits until every partition can be written; kafkajs’s own waiting fails when a broker does not know a topic at once. */
async function leadersOf(admin: Admin, topics: readonly string[]): Promise<void> {
  for (const begun = performance.now(); ;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
      if (metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (performance.now() - begun > LEADERS_MS) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

export function retentionMs(name: TopicName, labelDelayMs: number): number {
  const { retention } = TOPICS[name];
  return retention === 'history' ? PROFILE_DAYS * DAY_MS + labelDelayMs + MARGIN_MS : retention;
}

function definition(
  name: TopicName,
  topic: string,
  replicas: number,
  { labelDelayMs, partitions = USUAL_PARTITIONS }: TopicOptions,
): ITopicConfig {
  const { batchBytes, compressions } = definitionOf(name);
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': retentionMs(name, labelDelayMs),
    'retention.bytes': -1,
    'min.insync.replicas': Math.min(DURABLE_REPLICAS, replicas),
    'max.message.bytes': batchBytes,
    ...(compressions !== undefined && { 'compression.type': compressions[0] }),
  };
  return {
    topic,
    numPartitions: name === 'seals' ? 1 : partitions,
    replicationFactor: replicas,
    configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value: String(value) })),
  };
}

async function describe(
  admin: Admin,
  names: readonly { readonly name: TopicName; readonly topic: string }[],
  created: ReadonlySet<string>,
  { labelDelayMs }: TopicOptions,
): Promise<readonly TopicReport[]> {
  const metadata = await admin.fetchTopicMetadata({ topics: names.map(({ topic }) => topic) });
  const configs = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map(({ topic }) => ({ type: TOPIC_RESOURCE, name: topic })),
  });
  return names.map(({ name, topic }) => {
    const partitions = metadata.topics.find((each) => each.name === topic)?.partitions ?? [];
    const entries = configs.resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
    const settings = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    const leastMs = retentionMs(name, labelDelayMs);
    return {
      topic,
      created: created.has(topic),
      partitions: partitions.length,
      replicas,
      problems: problemsOf(settings, leastMs, definitionOf(name)),
      notices: [...noticesOf(Number(settings.get('min.insync.replicas')), replicas), ...clockNotices(settings)],
    };
  });
}

function problemsOf(
  settings: ReadonlyMap<string, string>,
  leastMs: number,
  { batchBytes, compressions }: TopicDefinition,
): string[] {
  const problems: string[] = [];
  const policy = settings.get('cleanup.policy');
  if (policy !== 'delete') problems.push(`cleanup.policy is ${policy}, which removes records; set it to delete`);
  const retention = Number(settings.get('retention.ms'));
  const isShort = retention !== -1 && (leastMs === -1 || retention < leastMs);
  if (isShort) {
    const wanted = leastMs === -1 ? '-1' : `at least ${leastMs} (${Math.ceil(leastMs / HOUR_MS)} hours)`;
    problems.push(`retention.ms is ${retention}; set it to ${wanted}`);
  }
  const bytes = Number(settings.get('retention.bytes'));
  if (bytes !== -1) problems.push(`retention.bytes is ${bytes}, which removes records by size; set it to -1`);
  const largest = Number(settings.get('max.message.bytes'));
  if (largest < batchBytes) problems.push(`max.message.bytes is ${largest}; set it to at least ${batchBytes}`);
  const compression = settings.get('compression.type') ?? '';
  if (compressions?.includes(compression) === false) problems.push(`compression.type is ${compression}; set it to ${compressions.join(' or ')}`); // prettier-ignore
  return problems;
}

function noticesOf(inSync: number, replicas: number): string[] {
  if (inSync >= DURABLE_REPLICAS) return [];
  return [
    `an acknowledged record is on ${inSync} broker of ${replicas}: it survives the end of the process, not the loss of ` +
      'the machine; durable means 3 replicas and min.insync.replicas 2',
  ];
}

function clockNotices(settings: ReadonlyMap<string, string>): string[] {
  const bound = settings.get(FUTURE_SETTING);
  if (bound === undefined || Number(bound) > DAY_MS) return [];
  return [
    `${FUTURE_SETTING} is ${bound}: a machine whose clock is further ahead can record nothing; set it to ${NO_BOUND}`,
  ];
}
