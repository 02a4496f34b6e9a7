/** The benchmark of the stream as a table for people. */
import { type StreamReport } from '../../bench/stream.ts';
import { textTable } from './text-table.ts';

const COLUMNS = [
  'delivery',
  'workers',
  'asked/s',
  'decided/s',
  'p50',
  'p99',
  'p99.9 ms',
  'µs main',
  'µs rest',
  'µs Kafka',
  'µs Redis',
  'lost',
  'repeated',
  'fallbacks',
];

export function renderStreamReport({ node, partitions, runs }: StreamReport): string {
  const rows = runs.map((run) => [
    run.delivery,
    String(run.workers),
    run.askedPerSecond === null ? 'all it can' : String(run.askedPerSecond),
    run.paymentsPerSecond.toFixed(0),
    run.latencyMs.p50.toFixed(1),
    run.latencyMs.p99.toFixed(1),
    run.latencyMs.p999.toFixed(1),
    run.cpuUs.workerMain.toFixed(0),
    run.cpuUs.workerRest.toFixed(0),
    run.cpuUs.kafka?.toFixed(0) ?? '-',
    run.cpuUs.redis.toFixed(0),
    String(run.lost),
    String(run.repeated),
    String(run.fallbacks),
  ]);
  return [`Node ${node}, ${partitions} partitions`, ...textTable([COLUMNS, ...rows])].join('\n');
}
