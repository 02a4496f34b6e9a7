/** Kafka in → decisions out: speed, latency and CPU a payment, by number of workers, with and without exactly-once. */
import { randomUUID } from 'node:crypto';
import { createKafka, type KafkaSettings } from '../src/adapters/kafka/client.ts';
import { type Delivery } from '../src/adapters/kafka/partition-owner.ts';
import { TOPIC_NAMES } from '../src/adapters/kafka/topics.ts';
import { generate } from './generator.ts';
import { cpuOf, machineCpuSeconds, type ServiceCpu } from './process-figures.ts';
import { redisFigures, serverCpu } from './server-figures.ts';
import { type StreamOrder, type StreamOutcome } from './stream-load-process.ts';
import { type RunningWorker, startWorker } from './stream-workers.ts';

export interface StreamBenchOptions {
  readonly cluster: KafkaSettings;
  readonly redisUrl: string;
  readonly dataDir: string;
  readonly modelsDir: string;
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly workers: readonly number[];
  readonly deliveries: readonly Delivery[];
  readonly users: number;
  readonly partitions: number;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** CPU in microseconds a payment; null where it cannot be seen. */
export interface StreamCpu {
  readonly workerMain: number;
  /** Compilation, garbage collection and all else beside the main threads. */
  readonly workerRest: number;
  readonly kafka: number | null;
  readonly redis: number;
  readonly generator: number;
}

export interface StreamRun {
  readonly delivery: Delivery;
  readonly workers: number;
  /** Null: as fast as they are decided. */
  readonly askedPerSecond: number | null;
  readonly paymentsPerSecond: number;
  readonly sent: number;
  readonly lost: number;
  readonly repeated: number;
  /** Decided by the policy’s fallback. */
  readonly fallbacks: number;
  readonly latencyMs: StreamOutcome['latencyMs'];
  readonly acknowledgedMs: StreamOutcome['acknowledgedMs'];
  readonly cpuUs: StreamCpu;
  /** Share of the machine's cores that others than these processes used. */
  readonly othersCpuShare: number;
}

export interface StreamReport {
  readonly node: string;
  readonly partitions: number;
  readonly runs: readonly StreamRun[];
}

/** So many undecided payments keep every partition's next batch full. */
const BACKLOG = 20_000;
const WARM_UP = { ratePerSecond: 1_000, seconds: 5 };

const mainSeconds = (cpu: ServiceCpu, pid: number): number => cpu.threads.get(pid)!;

export async function benchStream(options: StreamBenchOptions): Promise<StreamReport> {
  const runs: StreamRun[] = [];
  for (const delivery of options.deliveries) {
    for (const workers of options.workers) runs.push(...(await benchWorkers(options, delivery, workers)));
  }
  return { node: process.version, partitions: options.partitions, runs };
}

/** Every rate, then saturation, on topics and a store of their own. */
async function benchWorkers(options: StreamBenchOptions, delivery: Delivery, count: number): Promise<StreamRun[]> {
  const { cluster, signal } = options;
  const name = `bench-${randomUUID().slice(0, 8)}`;
  const environment = {
    KAFKA_BROKERS: cluster.brokers.join(','),
    KAFKA_TOPIC_PREFIX: `${name}.`,
    SENTINEL_KAFKA_GROUP: name,
    SENTINEL_KAFKA_PARTITIONS: String(options.partitions),
    REDIS_URL: options.redisUrl,
    SENTINEL_REDIS_NAME: name,
    LOG_LEVEL: 'error',
  };
  const args = ['--data-dir', options.dataDir, '--models-dir', options.modelsDir];
  if (delivery === 'at-least-once') args.push('--at-least-once');
  const workers: RunningWorker[] = [];
  const redis = await redisFigures(options.redisUrl, name);
  try {
    for (let started = 0; started < count; started += 1) {
      const worker = startWorker(args, environment);
      workers.push(worker);
      await worker.ready;
    }
    const order = { cluster: { ...cluster, prefix: `${name}.` }, users: options.users, backlog: BACKLOG };
    await generate('stream-load-process', { ...order, ...WARM_UP, seed: 1 }, signal);
    const runs: StreamRun[] = [];
    for (const [index, ratePerSecond] of [...options.rates, null].entries()) {
      const plan = { ...order, ratePerSecond, seconds: options.seconds, seed: index + 2 };
      const run = await measure(plan, { workers, delivery, redis, broker: serverCpu(cluster.brokers[0]!), signal });
      runs.push(run);
      options.onProgress(lineOf(run));
    }
    return runs;
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await redis.removeKeys();
    await redis.close();
    await removeTopics(cluster, `${name}.`);
  }
}

async function removeTopics(cluster: KafkaSettings, prefix: string): Promise<void> {
  const admin = createKafka(cluster).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: TOPIC_NAMES.map((topic) => prefix + topic) });
  await admin.disconnect();
}

interface Watched {
  readonly workers: readonly RunningWorker[];
  readonly delivery: Delivery;
  readonly redis: { cpu(): Promise<number> };
  readonly broker: (() => number) | undefined;
  readonly signal: AbortSignal;
}

async function measure(order: StreamOrder, { workers, delivery, redis, broker, signal }: Watched): Promise<StreamRun> {
  const look = async () => ({
    workers: workers.map(({ pid }) => ({ pid, cpu: cpuOf(pid) })),
    redis: await redis.cpu(),
    broker: broker?.() ?? NaN,
    machine: machineCpuSeconds(),
  });
  const fallbacks = async (): Promise<number> =>
    (await Promise.all(workers.map((worker) => worker.fallbacks()))).reduce((sum, each) => sum + each, 0);
  const fallbacksBefore = await fallbacks();
  const before = await look();
  const outcome = await generate<StreamOrder, StreamOutcome>('stream-load-process', order, signal);
  const after = await look();
  const total = (at: typeof before, of: (worker: (typeof before.workers)[number]) => number): number =>
    at.workers.reduce((sum, worker) => sum + of(worker), 0);
  const gain = (of: (worker: (typeof before.workers)[number]) => number): number => total(after, of) - total(before, of); // prettier-ignore
  const main = gain(({ pid, cpu }) => mainSeconds(cpu, pid));
  const all = gain(({ cpu }) => cpu.process);
  const kafka = after.broker - before.broker;
  const inRedis = after.redis - before.redis;
  const perPayment = (seconds: number): number => (seconds * 1e6) / Math.max(1, outcome.decided);
  const known = all + inRedis + outcome.cpuSeconds + (Number.isNaN(kafka) ? 0 : kafka);
  return {
    delivery,
    workers: workers.length,
    askedPerSecond: order.ratePerSecond,
    paymentsPerSecond: outcome.perSecond,
    sent: outcome.sent,
    lost: outcome.sent - outcome.decided,
    repeated: outcome.repeated,
    fallbacks: (await fallbacks()) - fallbacksBefore,
    latencyMs: outcome.latencyMs,
    acknowledgedMs: outcome.acknowledgedMs,
    cpuUs: {
      workerMain: perPayment(main),
      workerRest: perPayment(all - main),
      kafka: Number.isNaN(kafka) ? null : perPayment(kafka),
      redis: perPayment(inRedis),
      generator: perPayment(outcome.cpuSeconds),
    },
    othersCpuShare: Math.max(0, after.machine - before.machine - known) / outcome.seconds,
  };
}

function lineOf({ delivery, workers, askedPerSecond, paymentsPerSecond, latencyMs, cpuUs, lost, repeated, fallbacks }: StreamRun): string {
  const asked = askedPerSecond === null ? 'saturated' : `${askedPerSecond}/s`;
  const { p50, p99, p999 } = latencyMs;
  const cpu = cpuUs.workerMain + cpuUs.workerRest;
  return `${delivery}, ${workers} worker${workers === 1 ? '' : 's'}, ${asked}: ${paymentsPerSecond.toFixed(0)}/s, p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} p99.9 ${p999.toFixed(1)} ms, ${cpu.toFixed(0)} µs of workers a payment, ${lost} lost, ${repeated} repeated, ${fallbacks} by fallback`;
} // prettier-ignore
