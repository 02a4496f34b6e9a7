/** The whole service under open-loop load: latency, throughput, CPU a payment, fdatasync, GC pauses, loop delay. */
import { type LoadOrder } from '../src/load/load-order.ts';
import { type LedgerWatch } from './ledger-lag.ts';
import { generate } from './generator.ts';
import { LEDGER_LIMIT_MS, type Measured, measure, type ServeRun, serviceThreads } from './serve-run.ts';
import { ofEachServer, type ServerName } from './own-servers.ts';
import { type ServeServices } from './serve-services.ts';
import { startService } from './service.ts';

export interface ServeBenchOptions {
  readonly dataDir: string;
  readonly modelsDir: string;
  readonly port: number;
  /** The settings of the service, but for those above. */
  readonly environment: Readonly<Record<string, string>>;
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly users: number;
  readonly connections: number;
  readonly onProgress?: (text: string) => void;
  /** Ends the run in hand, stops the service and rejects. */
  readonly signal?: AbortSignal;
  /** What the instance runs on, when it is not alone. */
  readonly services?: ServeServices;
}

export interface ServeReport {
  readonly node: string;
  readonly startToReadyMs: number;
  readonly runs: readonly ServeRun[];
  /** On services: what one record more takes, profiles and ids included; Kafka's by replica. */
  readonly bytesPerRecord?: Readonly<Record<ServerName, number>>;
}

const BATCH = 100;
/** A generator is a new process: for two seconds at 10,000 a second it lags behind while its own code is compiled. */
const LEAD_IN_MS = 5_000;
/** So many that the service always has the next request: with few, both sides wait for each other. */
const SATURATING_CONNECTIONS = 256;

/**
 * Starts the service, runs each rate, then saturation by single payments, batches and NDJSON, each behind a lead-in that is not
 * measured, and stops it.
 */
export async function benchServe(options: ServeBenchOptions): Promise<ServeReport> {
  const say = options.onProgress ?? ((): void => undefined);
  const { services, signal } = options;
  const service = await startService(options.port, ['--data-dir', options.dataDir, '--models-dir', options.modelsDir], {
    environment: { ...options.environment, ...services?.environment },
    signal,
  });
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
    leadInMs: Math.min(LEAD_IN_MS, options.seconds * 1_000),
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
  let [ledger, bytesPerRecord]: [LedgerWatch?, ServeReport['bytesPerRecord']?] = [];
  try {
    ledger = await services?.watchLedger();
    const on = services && ledger && { services, ledger, threads: serviceThreads(service.pid) };
    const measured: Measured = { service, ...(on && { on }) };
    await generate('load-process', warmUp(order('single', null, options.connections, 100), services), signal);
    await ledger?.clear(LEDGER_LIMIT_MS, signal);
    const before = ledger && (await holdings(services!, ledger));
    for (const { name, order: plan } of plans) {
      const run = await measure(measured, name, plan, signal);
      runs.push(run);
      say(`${name}: ${run.paymentsPerSecond.toFixed(0)}/s, p50 ${run.latencyMs.p50.toFixed(2)} p99 ${run.latencyMs.p99.toFixed(2)} p99.9 ${run.latencyMs.p999.toFixed(2)} ms, ${run.cpuUs.scoringThread.toFixed(0)} + ${run.cpuUs.httpThread.toFixed(0)} µs CPU a payment`); // prettier-ignore
    }
    if (ledger) bytesPerRecord = gain(before!, await holdings(services!, ledger));
  } finally {
    await ledger?.close();
    const exitCode = await service.stop();
    if (exitCode !== 0) say(`the service ended with ${exitCode}`);
  }
  return { node: process.version, startToReadyMs: service.readyMs, runs, ...(bytesPerRecord && { bytesPerRecord }) };
}

/**
 * Both sides compile what is often run. A broker that has just been started does so for a minute of load, in which a
 * payment costs it twice the processor that it does from then on.
 */
function warmUp({ leadInMs: _, ...order }: LoadOrder, services: ServeServices | undefined): LoadOrder {
  if (services === undefined) return { ...order, ratePerSecond: 1_000, durationMs: 3_000 };
  return { ...order, ratePerSecond: 2_000, durationMs: Math.max(3_000, Math.min(60_000, 3 * order.durationMs)) };
}

const holdings = async ({ sizes }: ServeServices, ledger: LedgerWatch) => ({
  records: await ledger.recorded(),
  bytes: await sizes(),
});
type Holdings = Awaited<ReturnType<typeof holdings>>;

function gain(before: Holdings, after: Holdings): Readonly<Record<ServerName, number>> {
  const records = after.records - before.records;
  return ofEachServer((name) => (after.bytes[name] - before.bytes[name]) / records);
}
