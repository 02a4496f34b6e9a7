/** Sends errands when they are due, by the way of each. */
import { type HttpClient } from './http-client.ts';
import { type TopicClient } from './topic-client.ts';
import { type Errand, trafficOf } from './traffic.ts';

export interface TrafficRun {
  /** Makes no more payments, and sends at once whatever was to follow those that were made. */
  stop(): void;
  /** Errands sent so far. */
  sent(): number;
}

export interface TrafficRunOptions {
  readonly seed: number;
  readonly perSecond: number;
  readonly http: HttpClient;
  readonly topics: TopicClient;
}

/** Payments are made so long before they are due, for some labels come before them. */
const AHEAD_MS = 5_000;
const TICK_MS = 10;

export function startTraffic({ seed, perSecond, http, topics }: TrafficRunOptions): TrafficRun {
  const begunMs = performance.now();
  const payments = trafficOf({ seed, perSecond, beginMs: Date.now() });
  /** In order of when they are due. */
  const due: Errand[] = [];
  let madeToMs = 0;
  let sent = 0;

  const insert = (errand: Errand): void => {
    let [low, high] = [0, due.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (due[middle]!.dueMs <= errand.dueMs) low = middle + 1;
      else high = middle;
    }
    due.splice(low, 0, errand);
  };

  const make = (untilMs: number): void => {
    while (madeToMs < untilMs) {
      const errands = payments.next().value as readonly Errand[]; // there is no end of them
      errands.forEach(insert);
      madeToMs = Math.max(madeToMs, errands[0]!.dueMs);
    }
  };

  const send = (untilMs: number): void => {
    while (due.length > 0 && due[0]!.dueMs <= untilMs) {
      const errand = due.shift()!;
      sent += 1;
      if (errand.way === 'http') http.send(errand);
      else topics.send({ topic: errand.to, key: errand.key, value: errand.body });
    }
  };

  const timer = setInterval(() => {
    const nowMs = performance.now() - begunMs;
    make(nowMs + AHEAD_MS);
    send(nowMs);
  }, TICK_MS);

  return {
    stop() {
      clearInterval(timer);
      send(Infinity);
    },
    sent: () => sent,
  };
}
