/** The simulated traffic of `sentinel up` as a process of its own: a summary a second goes to its parent. */
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { simulationOf } from '../simulation/scale.ts';
import { createSimulation, PAYMENTS_PER_USER_DAY } from '../simulation/simulation.ts';
import { sendLiveTraffic } from './live-traffic.ts';

/** Given as JSON in the first argument. */
export interface LiveOrder {
  readonly host: string;
  readonly port: number;
  readonly ratePerSecond: number;
  readonly seed: number;
}

const SECONDS_A_DAY = 86_400;
/** So few that each sees enough payments to have a history within minutes. */
const MERCHANTS = 2_000;
const CONNECTIONS = 32;
/** A real chargeback takes days; a demonstration shows its effect within a minute. */
const LABEL_DELAY = { medianMs: 20 * SECOND_MS, sigma: 0.7, maximumMs: 5 * MINUTE_MS };

const order = JSON.parse(process.argv[2]!) as LiveOrder; // written by the command that starts this process
const stopping = new AbortController();
const stop = (): void => stopping.abort();
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop); // the parent is gone, however it ended

await sendLiveTraffic({
  host: order.host,
  port: order.port,
  connections: CONNECTIONS,
  signal: stopping.signal,
  payments: createSimulation(
    simulationOf({
      seed: order.seed,
      transactions: Infinity,
      users: Math.ceil((order.ratePerSecond * SECONDS_A_DAY) / PAYMENTS_PER_USER_DAY), // each pays as often as people do
      merchants: MERCHANTS,
      ratePerSecond: order.ratePerSecond,
      startMs: Date.now(),
      labelDelay: LABEL_DELAY,
    }),
  ),
  onSecond: (summary) => process.send?.(summary),
});
process.exit(0);
