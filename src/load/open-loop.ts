/** Open-loop load: requests leave on a fixed schedule whatever the answers do, and latency counts from the schedule. */
import { performance } from 'node:perf_hooks';
import { fixedRate } from './fixed-rate.ts';
import { openConnection, type HttpConnection, type Reply } from './http-connection.ts';

export interface LoadPlan {
  readonly host: string;
  readonly port: number;
  /** Requests a second; Infinity keeps every connection busy all the time (saturation, closed loop). */
  readonly ratePerSecond: number;
  /** What is measured; it comes behind the lead-in. */
  readonly durationMs: number;
  /** Load of the same kind before it, of which only `onReply` hears: sockets open and the sender's code is compiled. Default 0. */
  readonly leadInMs?: number;
  readonly connections: number;
  /** The bytes of request number `index`. */
  readonly request: (index: number) => Buffer;
  readonly onReply?: (reply: Reply) => void;
  readonly signal?: AbortSignal;
}

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LoadReport {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly perSecond: number;
  /** From the scheduled send time to the last byte of the answer, milliseconds. */
  readonly latencyMs: Quantiles;
  /** From the moment a request was due and a connection free to the moment it left: the generator's own lateness. */
  readonly lateMs: Quantiles;
  /** Due within the time but never sent, because every connection was waiting for an answer. */
  readonly unsent: number;
}

/** Exact quantiles (nearest rank) of unsorted samples; zeros when there are none. */
export function quantilesOf(samples: Float64Array): Quantiles {
  const sorted = samples.slice().sort();
  const at = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Growing buffer of samples. */
function createSamples(): { push(value: number): void; values(): Float64Array } {
  let buffer = new Float64Array(1 << 14);
  let length = 0;
  return {
    push(value) {
      if (length === buffer.length) {
        const larger = new Float64Array(length * 2);
        larger.set(buffer);
        buffer = larger;
      }
      buffer[length++] = value;
    },
    values: () => buffer.subarray(0, length),
  };
}

/**
 * Between two looks at the clock and the sockets: what a request may leave late and an answer wait for being noticed, both
 * counted in the latency. Each look costs as much as half a request, and the cores are the service's too.
 */
const NAP_MS = 0.4;
const asleep = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Blocks the thread: a timer of the event loop is a millisecond coarse, and a loop that never sleeps takes a whole core. */
function nap(): void {
  Atomics.wait(asleep, 0, 0, NAP_MS);
}

/** Runs the plan to its end or until aborted; waits at most two seconds for the last answers. */
export async function runLoad(plan: LoadPlan): Promise<LoadReport> {
  const all = Array.from({ length: plan.connections }, () => openConnection(plan.host, plan.port));
  const free = all.map((connection) => ({ connection, sinceMs: 0 }));
  const latencies = createSamples();
  const lateness = createSamples();
  const statuses: Record<string, number> = {};
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  const measuredMs = plan.leadInMs ?? 0;
  const endMs = measuredMs + plan.durationMs;
  const closedLoop = !Number.isFinite(plan.ratePerSecond);
  const schedule = fixedRate(plan.ratePerSecond, endMs);
  let scheduled = 0;
  let measured = 0;
  let unanswered = 0;

  const dispatch = ({ connection, sinceMs }: { connection: HttpConnection; sinceMs: number }, dueMs: number): void => {
    const isMeasured = dueMs >= measuredMs;
    if (isMeasured) {
      lateness.push(elapsedMs() - Math.max(dueMs, sinceMs));
      measured++;
    }
    const index = scheduled++;
    unanswered++;
    connection.send(plan.request(index), (reply) => {
      const nowMs = elapsedMs();
      unanswered--;
      if (isMeasured) {
        latencies.push(nowMs - dueMs);
        statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
      }
      plan.onReply?.(reply);
      free.push({ connection, sinceMs: nowMs });
      pump();
    });
  };

  /** Sends all that is due and can be sent. */
  const pump = (): void => {
    const nowMs = elapsedMs();
    while (free.length > 0 && plan.signal?.aborted !== true) {
      const dueMs = closedLoop ? nowMs : schedule.dueMs(scheduled);
      if (dueMs > nowMs || dueMs >= endMs) return;
      dispatch(free.pop()!, dueMs);
    }
  };

  await new Promise<void>((resolve) => {
    const turn = (): void => {
      pump(); // what was due in time is sent even when this thread was kept from it until after the end
      if (elapsedMs() >= endMs || plan.signal?.aborted === true) return resolve();
      if (free.length === 0 || closedLoop) return void setTimeout(turn, 1); // an answer sends the next request itself
      nap();
      setImmediate(turn);
    };
    turn();
  });
  const graceMs = elapsedMs() + 2_000;
  while (unanswered > 0 && elapsedMs() < graceMs) await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds = (elapsedMs() - measuredMs) / 1_000;
  for (const connection of all) connection.close();
  if (unanswered > 0) statuses['unanswered'] = unanswered;
  const answered = latencies.values().length;
  return {
    sent: measured,
    statuses,
    seconds,
    perSecond: answered / Math.min(seconds, plan.durationMs / 1_000),
    latencyMs: quantilesOf(latencies.values()),
    lateMs: quantilesOf(lateness.values()),
    unsent: closedLoop ? 0 : Math.max(0, Math.floor((plan.durationMs / 1_000) * plan.ratePerSecond) - measured),
  };
}
