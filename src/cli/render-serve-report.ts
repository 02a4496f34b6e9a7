/** The serving benchmark as a table for people. */
import { type ServeReport } from '../../bench/serve.ts';

const COLUMNS = [
  'run',
  'payments/s',
  'p50',
  'p99',
  'p99.9 ms',
  'µs scoring',
  'µs HTTP',
  'fdatasync p99',
  'GC p99',
  'loop p99',
  'void',
];

export function renderServeReport(report: ServeReport & { readonly dataDir: string; readonly kept: boolean }): string {
  const rows = report.runs.map((run) => [
    run.name,
    run.paymentsPerSecond.toFixed(0),
    run.latencyMs.p50.toFixed(2),
    run.latencyMs.p99.toFixed(2),
    run.latencyMs.p999.toFixed(2),
    run.cpuUs.scoringThread.toFixed(0),
    run.cpuUs.httpThread.toFixed(0),
    run.fdatasyncMs.p99.toFixed(2),
    run.gcPauseMs.p99.toFixed(2),
    run.loopDelayMs.p99.toFixed(2),
    run.void ? 'yes' : '',
  ]);
  const table = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const kept = report.kept ? [`journal in ${report.dataDir}: sentinel verify --data-dir ${report.dataDir}`] : [];
  return [`Node ${report.node}, ready after ${report.startToReadyMs.toFixed(0)} ms`, ...lines, ...kept].join('\n');
}
