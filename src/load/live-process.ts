/** The simulated traffic of `sentinel up` as a process of its own: a summary a second goes to its parent. */
import { createDemonstration } from '../simulation/demonstration.ts';
import { sendLiveTraffic } from './live-traffic.ts';

/** Given as JSON in the first argument. */
export interface LiveOrder {
  readonly host: string;
  readonly port: number;
  readonly ratePerSecond: number;
  readonly seed: number;
}

const CONNECTIONS = 32;

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
  payments: createDemonstration({
    seed: order.seed,
    transactions: Infinity,
    ratePerSecond: order.ratePerSecond,
    fromMs: Date.now(),
  }),
  onSecond: (summary) => process.send?.(summary),
});
process.exit(0);
