/** The whole service under open-loop load: latency, throughput, CPU a payment, fdatasync, GC pauses, loop delay. */
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadOrder, type LoadOutcome } from '../src/load/load-order.ts';
import { cpuBetween, cpuOf, histogramGain, machineCpuSeconds, parseMetrics, residentBytes } from './process-figures.ts';
import { type RunningService, startService } from './service.ts';

export interface ServeBenchOptions {
  readonly dataDir: string;
  readonly modelsDir: string;
  readonly port: number;
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly users: number;
  readonly connections: number;
  readonly onProgress?: (text: string) => void;
  /** Ends the run in hand, stops the service and rejects. */
  readonly signal?: AbortSignal;
}

/** One run against the service; times in milliseconds, CPU in microseconds a payment. */
export interface ServeRun {
  readonly name: string;
  readonly askedPerSecond: number | null;
  readonly paymentsPerSecond: number;
  readonly latencyMs: LoadOutcome['latencyMs'];
  readonly generatorLateMs: LoadOutcome['lateMs'];
  /** The generator was late by more than 1 ms at p99, so the latencies are not to be trusted. */
  readonly void: boolean;
  readonly statuses: LoadOutcome['statuses'];
  readonly unsent: number;
  /** `process` holds both threads, compilation and garbage collection; the ledger's process runs when others do not. */
  readonly cpuUs: Readonly<Record<'scoringThread' | 'httpThread' | 'process' | 'ledgerProcess', number>>;
  /** Share of the machine's cores that others than service and generator used. */
  readonly othersCpuShare: number;
  readonly fdatasyncMs: ReturnType<typeof histogramGain>;
  readonly gcPauseMs: ReturnType<typeof histogramGain>;
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly residentMb: number;
}

export interface ServeReport {
  readonly node: string;
  readonly startToReadyMs: number;
  readonly runs: readonly ServeRun[];
}

const LATENESS_VOID_MS = 1;
/** Period of the timer by which prom-client samples the loop; each sample counts it in. Source: Node.js, monitorEventLoopDelay. */
const LOOP_TIMER_MS = 10;
const BATCH = 100;
/** So many that the service always has the next request: with few, both sides wait for each other. */
const SATURATING_CONNECTIONS = 256;

function generate(order: LoadOrder, signal?: AbortSignal): Promise<LoadOutcome> {
  signal?.throwIfAborted();
  const entry = new URL(`./load-process${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(entry), { ...(signal && { signal }) });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (message: { outcome?: LoadOutcome; error?: string }) => {
      if (message.outcome !== undefined) resolve(message.outcome);
      else reject(new Error(message.error));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
}

const milliseconds = (figures: ReturnType<typeof histogramGain>): ReturnType<typeof histogramGain> => ({
  count: figures.count,
  mean: figures.mean * 1_000,
  p50: figures.p50 * 1_000,
  p99: figures.p99 * 1_000,
  max: figures.max * 1_000,
});

/** NaN when the page has no such figure. */
function loopDelayMs(page: ReadonlyMap<string, number>, quantile: string): number {
  const seconds = page.get(`nodejs_eventloop_lag_${quantile}_seconds`) ?? NaN;
  return Math.max(0, seconds * 1_000 - LOOP_TIMER_MS);
}

async function measure(
  service: RunningService,
  name: string,
  order: LoadOrder,
  signal?: AbortSignal,
): Promise<ServeRun> {
  const before = parseMetrics(await service.metrics());
  const cpuBefore = cpuOf(service.pid);
  const machineBefore = machineCpuSeconds();
  const outcome = await generate(order, signal);
  const cpuAfter = cpuOf(service.pid);
  const machineUsed = machineCpuSeconds() - machineBefore;
  const after = parseMetrics(await service.metrics());
  const used = cpuBetween(cpuBefore, cpuAfter, service.pid);
  const perPayment = (seconds: number): number => (seconds * 1e6) / Math.max(1, outcome.decisions);
  const others = Math.max(0, machineUsed - used.process - used.ledgerProcess - outcome.cpuSeconds);
  return {
    name,
    askedPerSecond: order.ratePerSecond,
    paymentsPerSecond: outcome.decisions / Math.min(outcome.seconds, order.durationMs / 1_000),
    latencyMs: outcome.latencyMs,
    generatorLateMs: outcome.lateMs,
    void: outcome.lateMs.p99 > LATENESS_VOID_MS,
    statuses: outcome.statuses,
    unsent: outcome.unsent,
    cpuUs: {
      scoringThread: perPayment(used.scoringThread),
      httpThread: perPayment(used.httpThread),
      process: perPayment(used.process),
      ledgerProcess: perPayment(used.ledgerProcess),
    },
    othersCpuShare: others / outcome.seconds,
    fdatasyncMs: milliseconds(histogramGain(before, after, 'sentinel_journal_sync_seconds')),
    gcPauseMs: milliseconds(histogramGain(before, after, 'nodejs_gc_duration_seconds')),
    loopDelayMs: {
      p50: loopDelayMs(after, 'p50'),
      p99: loopDelayMs(after, 'p99'),
      max: loopDelayMs(after, 'max'),
    },
    residentMb: residentBytes(service.pid) / 2 ** 20,
  };
}

/** Starts the service, runs each rate, then saturation by single payments, batches and NDJSON, and stops it. */
export async function benchServe(options: ServeBenchOptions): Promise<ServeReport> {
  const say = options.onProgress ?? ((): void => undefined);
  const service = await startService(options.port, ['--data-dir', options.dataDir, '--models-dir', options.modelsDir]);
  say(`ready after ${service.readyMs.toFixed(0)} ms`);
  const order = (
    route: LoadOrder['route'],
    ratePerSecond: number | null,
    connections: number,
    seed: number,
  ): LoadOrder => ({
    host: '127.0.0.1',
    port: options.port,
    route,
    ratePerSecond,
    durationMs: options.seconds * 1_000,
    connections,
    batch: BATCH,
    seed,
    users: options.users,
  });
  const plans: { name: string; order: LoadOrder }[] = [
    ...options.rates.map((rate, index) => ({
      name: `single ${rate}/s`,
      order: order('single', rate, options.connections, index + 1),
    })),
    { name: 'single, saturated', order: order('single', null, SATURATING_CONNECTIONS, 101) },
    { name: `batch of ${BATCH}, saturated`, order: order('batch', null, 8, 102) },
    { name: `NDJSON of ${BATCH}, saturated`, order: order('stream', null, 8, 103) },
  ];
  const runs: ServeRun[] = [];
  try {
    await generate({ ...order('single', 1_000, options.connections, 100), durationMs: 3_000 }, options.signal); // warm both sides
    for (const { name, order: plan } of plans) {
      const run = await measure(service, name, plan, options.signal);
      runs.push(run);
      say(`${name}: ${run.paymentsPerSecond.toFixed(0)}/s, p50 ${run.latencyMs.p50.toFixed(2)} p99 ${run.latencyMs.p99.toFixed(2)} p99.9 ${run.latencyMs.p999.toFixed(2)} ms, ${run.cpuUs.scoringThread.toFixed(0)} + ${run.cpuUs.httpThread.toFixed(0)} µs CPU a payment`); // prettier-ignore
    }
  } finally {
    const exitCode = await service.stop();
    if (exitCode !== 0) say(`the service ended with ${exitCode}`);
  }
  return { node: process.version, startToReadyMs: service.readyMs, runs };
}
