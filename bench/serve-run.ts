/** One run of load against a running service, and what it took: latency, CPU a payment, waits, pauses. */
import { type LoadOrder, type LoadOutcome, paymentsPerRequest } from '../src/load/load-order.ts';
import { generate } from './generator.ts';
import { type LedgerLag, type LedgerWatch } from './ledger-lag.ts';
import { ofEachServer, type ServerName } from './own-servers.ts';
import { cpuBetween, cpuOf, histogramGain, machineCpuSeconds, parseMetrics, residentBytes, threadsByStart } from './process-figures.ts'; // prettier-ignore
import { type ServeServices } from './serve-services.ts';
import { type RunningService } from './service.ts';

type HistogramGain = ReturnType<typeof histogramGain>;

/**
 * One run against the service; times in milliseconds, CPU in microseconds a payment. What the service tells of itself, CPU
 * included, holds for the lead-in and the run together.
 */
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
  /**
   * `process` holds all threads, compilation and garbage collection; the ledger's process runs when others do not. On
   * services what the run leaves to be done behind it is included.
   */
  readonly cpuUs: Readonly<Record<'scoringThread' | 'httpThread' | 'process' | 'ledgerProcess', number>>;
  /** Share of the machine's cores that others than service, its servers and generator used. */
  readonly othersCpuShare: number;
  /** On services: the time of one request to the brokers. */
  readonly fdatasyncMs: HistogramGain;
  readonly gcPauseMs: HistogramGain;
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly residentMb: number;
  /** Absent where there are none. */
  readonly services?: ServicesFigures;
}

export interface ServicesFigures {
  /** From asking Redis for a payment's claim and profiles to having them; quantiles are bounds of the histogram's buckets. */
  readonly retrievalMs: HistogramGain;
  readonly ledgerLag: LedgerLag & {
    /** How long after the run the ledger held all of it; null when not within a minute. */
    readonly clearedAfterMs: number | null;
  };
  /** Microseconds a payment, likewise. */
  readonly cpuUs: Readonly<Record<'leaderThread' | ServerName, number>>;
}

/** A service under measurement, and what it runs on. */
export interface Measured {
  readonly service: RunningService;
  readonly on?: {
    readonly services: ServeServices;
    readonly ledger: LedgerWatch;
    readonly threads: ServiceThreads;
  };
}

export interface ServiceThreads {
  readonly http: number;
  readonly leader: number;
}

const LATENESS_VOID_MS = 1;
/** Period of the timer by which prom-client samples the loop; each sample counts it in. Source: Node.js, monitorEventLoopDelay. */
const LOOP_TIMER_MS = 10;
/** How long the ledger may take to catch up. */
export const LEDGER_LIMIT_MS = 60_000;

/** Of an instance that is ready and shares its state: the thread that may lead is the last it starts, behind that of HTTP. */
export function serviceThreads(pid: number): ServiceThreads {
  const [http, leader] = threadsByStart(pid).slice(-2) as [number, number];
  return { http, leader };
}

const milliseconds = (figures: HistogramGain): HistogramGain => ({
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

const look = ({ service, on }: Measured) => ({
  atMs: performance.now(),
  service: cpuOf(service.pid),
  servers: on?.services.cpu(),
  machine: machineCpuSeconds(),
});
type Look = ReturnType<typeof look>;

/** CPU seconds of each server between two looks. */
const serversBetween = (before: Look, after: Look): Readonly<Record<ServerName, number>> =>
  ofEachServer((name) => (after.servers?.[name] ?? 0) - (before.servers?.[name] ?? 0));

/** CPU seconds of one thread between two looks; 0 when it was not there before. */
function threadBetween(thread: number, before: Look, after: Look): number {
  const [from, to] = [before, after].map(({ service }) => service.threads.get(thread)) as [number?, number?];
  return from === undefined || to === undefined ? 0 : to - from;
}

/** What there was to see when the load ended, and when all that it caused was done. */
async function watch(measured: Measured, order: LoadOrder, signal: AbortSignal | undefined) {
  const { service, on } = measured;
  const page = async (): Promise<Map<string, number>> => parseMetrics(await service.metrics());
  const pages = { before: await page(), after: new Map<string, number>() };
  const before = look(measured);
  const outcome = await generate<LoadOrder, LoadOutcome>('load-process', order, signal);
  const ended = look(measured);
  if (on === undefined) return { pages: { ...pages, after: await page() }, before, outcome, ended, settled: ended };
  const endedMs = performance.now();
  const lag = await on.ledger.lag();
  pages.after = await page();
  const clear = await on.ledger.clear(LEDGER_LIMIT_MS, signal);
  const ledgerLag = { ...lag, clearedAfterMs: clear ? performance.now() - endedMs : null };
  return { pages, before, outcome, ended, settled: look(measured), ledgerLag };
}

export async function measure(
  measured: Measured,
  name: string,
  order: LoadOrder,
  signal?: AbortSignal,
): Promise<ServeRun> {
  const { pid } = measured.service;
  const { pages, before, outcome, ended, settled, ledgerLag } = await watch(measured, order, signal);
  const gain = (histogram: string): HistogramGain => milliseconds(histogramGain(pages.before, pages.after, histogram));
  const perPayment = (seconds: number): number => (seconds * 1e6) / Math.max(1, outcome.decisions);
  const used = cpuBetween(before.service, settled.service, pid);
  const { threads } = measured.on ?? {};
  const servers = serversBetween(before, settled);
  return {
    name,
    askedPerSecond: order.ratePerSecond,
    paymentsPerSecond:
      ((outcome.statuses[200] ?? 0) * paymentsPerRequest(order)) / Math.min(outcome.seconds, order.durationMs / 1_000),
    latencyMs: outcome.latencyMs,
    generatorLateMs: outcome.lateMs,
    void: outcome.lateMs.p99 > LATENESS_VOID_MS,
    statuses: outcome.statuses,
    unsent: outcome.unsent,
    cpuUs: {
      scoringThread: perPayment(used.scoringThread),
      httpThread: perPayment(threads ? threadBetween(threads.http, before, settled) : used.httpThread),
      process: perPayment(used.process),
      ledgerProcess: perPayment(used.ledgerProcess),
    },
    othersCpuShare: othersBetween(before, ended, pid, outcome),
    fdatasyncMs: gain('sentinel_journal_sync_seconds'),
    gcPauseMs: gain('nodejs_gc_duration_seconds'),
    loopDelayMs: {
      p50: loopDelayMs(pages.after, 'p50'),
      p99: loopDelayMs(pages.after, 'p99'),
      max: loopDelayMs(pages.after, 'max'),
    },
    residentMb: residentBytes(pid) / 2 ** 20,
    ...(threads &&
      ledgerLag && {
        services: {
          retrievalMs: gain('sentinel_profile_retrieval_seconds'),
          ledgerLag,
          cpuUs: {
            leaderThread: perPayment(threadBetween(threads.leader, before, settled)),
            kafka: perPayment(servers.kafka),
            redis: perPayment(servers.redis),
            postgres: perPayment(servers.postgres),
          },
        },
      }),
  };
}

function othersBetween(before: Look, after: Look, pid: number, { cpuSeconds }: LoadOutcome): number {
  const { process, ledgerProcess } = cpuBetween(before.service, after.service, pid);
  const { kafka, redis, postgres } = serversBetween(before, after);
  const ours = process + ledgerProcess + kafka + redis + postgres + cpuSeconds;
  return (Math.max(0, after.machine - before.machine - ours) * 1_000) / (after.atMs - before.atMs);
}
