/** A load test by its order: simulated payments as single requests, batches or streams, at a rate or flat out. */
import { simulationOf } from '../simulation/scale.ts';
import { createSimulation } from '../simulation/simulation.ts';
import { requestText } from '../wire/request-text.ts';
import { fixedRate } from './fixed-rate.ts';
import { postBytes } from './http-connection.ts';
import { type LoadReport, runLoad } from './open-loop.ts';
import { runMarker } from './run-marker.ts';

export interface LoadOrder {
  readonly host: string;
  readonly port: number;
  readonly route: 'single' | 'batch' | 'stream';
  /** Requests (not payments) a second; null for saturation. */
  readonly ratePerSecond: number | null;
  readonly durationMs: number;
  /** Load before that, not measured; default 0. */
  readonly leadInMs?: number;
  readonly connections: number;
  /** Payments in one batch or stream request. */
  readonly batch: number;
  readonly seed: number;
  readonly users: number;
  /** API key, where the service asks for one. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

export interface LoadOutcome extends LoadReport {
  /** Those of the lead-in too. */
  readonly decisions: number;
  readonly cpuSeconds: number;
}

const PATHS = { single: '/api/v1/predict', batch: '/api/v1/predict/batch', stream: '/api/v1/predict/stream' } as const;

/** Payments prepared at most; a run that needs more sends them again under new ids, long after their first answer. */
const PREPARED_PAYMENTS = 100_000;
const COUNTER_DIGITS = 10;

interface PreparedBody {
  readonly bytes: Buffer;
  /** Where the counter of each payment's id stands in `bytes`. */
  readonly counters: readonly number[];
}

/** Request bytes made ahead, so that the generator's own work while measuring is small. */
function prepareBodies(order: LoadOrder): PreparedBody[] {
  const perRequest = paymentsPerRequest(order);
  const marker = runMarker('load');
  const transactions = Math.min(PREPARED_PAYMENTS, paymentsOf(order));
  const payments = createSimulation(simulationOf({ seed: order.seed, users: order.users, transactions }));
  const bodies: PreparedBody[] = [];
  let texts: string[] = [];
  for (const { transaction } of payments) {
    const transactionId = marker + '0'.repeat(COUNTER_DIGITS);
    texts.push(requestText({ ...transaction, transactionId }, { dated: false }));
    if (texts.length < perRequest) continue;
    const bytes = bodyOf(order, texts);
    bodies.push({ bytes, counters: placesOf(marker, bytes) });
    texts = [];
  }
  return bodies;
}

export function paymentsPerRequest({ route, batch }: LoadOrder): number {
  return route === 'single' ? 1 : batch;
}

/** Payments the order sends, in whole requests. */
function paymentsOf(order: LoadOrder): number {
  const { ratePerSecond, durationMs, leadInMs = 0 } = order;
  const requests =
    ratePerSecond === null ? Infinity : Math.max(1, fixedRate(ratePerSecond, leadInMs + durationMs).count);
  return requests * paymentsPerRequest(order);
}

function placesOf(marker: string, bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) places.push(at + marker.length);
  return places;
}

function bodyOf(order: LoadOrder, texts: readonly string[]): Buffer {
  const host = `${order.host}:${order.port}`;
  const headers = order.key === undefined ? {} : { authorization: `Bearer ${order.key}` };
  if (order.route === 'single') return postBytes(host, PATHS.single, texts[0]!, headers);
  if (order.route === 'batch') return postBytes(host, PATHS.batch, `{"transactions":[${texts.join(',')}]}`, headers);
  return postBytes(host, PATHS.stream, texts.join('\n'), { ...headers, 'content-type': 'application/x-ndjson' });
}

/** Runs one order to its end or until its signal aborts; the payments are made before the first is sent. */
export async function runOrder(order: LoadOrder): Promise<LoadOutcome> {
  const bodies = prepareBodies(order);
  const before = process.cpuUsage();
  let decisions = 0;
  let payment = 0;
  const report = await runLoad({
    host: order.host,
    port: order.port,
    ratePerSecond: order.ratePerSecond ?? Infinity,
    durationMs: order.durationMs,
    ...(order.leadInMs !== undefined && { leadInMs: order.leadInMs }),
    connections: order.connections,
    ...(order.signal && { signal: order.signal }),
    request: (index) => {
      const { bytes, counters } = bodies[index % bodies.length]!;
      for (const place of counters) bytes.write(String(payment++).padStart(COUNTER_DIGITS, '0'), place, 'latin1');
      return bytes;
    },
    onReply: ({ status }) => {
      if (status === 200) decisions += paymentsPerRequest(order);
    },
  });
  const cpu = process.cpuUsage(before);
  return { ...report, decisions, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}
