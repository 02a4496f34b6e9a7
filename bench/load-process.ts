/** The load generator as its own process: takes one plan as a message, runs it, answers with the report. */
import { simulationOf } from '../src/simulation/scale.ts';
import { createSimulation } from '../src/simulation/simulation.ts';
import { postBytes } from '../src/load/http-connection.ts';
import { type LoadReport, runLoad } from '../src/load/open-loop.ts';
import { requestText } from '../src/wire/request-text.ts';

export interface LoadOrder {
  readonly host: string;
  readonly port: number;
  readonly route: 'single' | 'batch' | 'stream';
  /** Requests (not payments) a second; null for saturation. */
  readonly ratePerSecond: number | null;
  readonly durationMs: number;
  readonly connections: number;
  /** Payments in one batch or stream request. */
  readonly batch: number;
  readonly seed: number;
  readonly users: number;
}

export interface LoadOutcome extends LoadReport {
  readonly decisions: number;
  readonly cpuSeconds: number;
}

const PATHS = { single: '/api/v1/predict', batch: '/api/v1/predict/batch', stream: '/api/v1/predict/stream' } as const;

/** Payments prepared; a run that needs more sends them again under new ids, long after their first answer. */
const PREPARED_PAYMENTS = 100_000;
const COUNTER_DIGITS = 10;

interface PreparedBody {
  readonly bytes: Buffer;
  /** Where the counter of each payment's id stands in `bytes`. */
  readonly counters: readonly number[];
}

/** Request bytes made ahead, so that the generator's own work while measuring is small. */
function prepareBodies(order: LoadOrder): PreparedBody[] {
  const perRequest = order.route === 'single' ? 1 : order.batch;
  const marker = `load-${process.pid}-`;
  const payments = createSimulation(
    simulationOf({ seed: order.seed, users: order.users, transactions: PREPARED_PAYMENTS }),
  );
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

function placesOf(marker: string, bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) places.push(at + marker.length);
  return places;
}

function bodyOf(order: LoadOrder, texts: readonly string[]): Buffer {
  const host = `${order.host}:${order.port}`;
  if (order.route === 'single') return postBytes(host, PATHS.single, texts[0]!);
  if (order.route === 'batch') return postBytes(host, PATHS.batch, `{"transactions":[${texts.join(',')}]}`);
  return postBytes(host, PATHS.stream, texts.join('\n'), { 'content-type': 'application/x-ndjson' });
}

async function run(order: LoadOrder): Promise<LoadOutcome> {
  const bodies = prepareBodies(order);
  const before = process.cpuUsage();
  let decisions = 0;
  let payment = 0;
  const report = await runLoad({
    host: order.host,
    port: order.port,
    ratePerSecond: order.ratePerSecond ?? Infinity,
    durationMs: order.durationMs,
    connections: order.connections,
    request: (index) => {
      const { bytes, counters } = bodies[index % bodies.length]!;
      for (const place of counters) bytes.write(String(payment++).padStart(COUNTER_DIGITS, '0'), place, 'latin1');
      return bytes;
    },
    onReply: ({ status }) => {
      if (status === 200) decisions += order.route === 'single' ? 1 : order.batch;
    },
  });
  const cpu = process.cpuUsage(before);
  return { ...report, decisions, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}

process.once('message', (order: LoadOrder) => {
  run(order).then(
    (outcome) => process.send!({ outcome }, () => process.exit(0)),
    (error: unknown) => process.send!({ error: String(error) }, () => process.exit(1)),
  );
});
