/** The serving benchmark as tables for people. */
import { type ServeReport } from '../../bench/serve.ts';
import { type ServeRun } from '../../bench/serve-run.ts';
import { textTable } from './text-table.ts';

type Column = readonly [head: string, cell: (run: ServeRun) => string];

const NAME: Column = ['run', ({ name }) => name];

const columnsOf = (journal: string): readonly Column[] => [
  NAME,
  ['payments/s', ({ paymentsPerSecond }) => paymentsPerSecond.toFixed(0)],
  ['p50', ({ latencyMs }) => latencyMs.p50.toFixed(2)],
  ['p99', ({ latencyMs }) => latencyMs.p99.toFixed(2)],
  ['p99.9 ms', ({ latencyMs }) => latencyMs.p999.toFixed(2)],
  ['µs scoring', ({ cpuUs }) => cpuUs.scoringThread.toFixed(0)],
  ['µs HTTP', ({ cpuUs }) => cpuUs.httpThread.toFixed(0)],
  [`${journal} p99`, ({ fdatasyncMs }) => fdatasyncMs.p99.toFixed(2)],
  ['GC p99', ({ gcPauseMs }) => gcPauseMs.p99.toFixed(2)],
  ['loop p99', ({ loopDelayMs }) => loopDelayMs.p99.toFixed(2)],
  ['void', (run) => (run.void ? 'yes' : '')],
];

const SERVICES: readonly Column[] = [
  NAME,
  ['retrieval p50', ({ services }) => services!.retrievalMs.p50.toFixed(2)],
  ['p99 ms', ({ services }) => services!.retrievalMs.p99.toFixed(2)],
  ['ledger behind by', ({ services }) => String(services!.ledgerLag.records)],
  ['ms', ({ services }) => services!.ledgerLag.ms.toFixed(0)],
  ['by nothing after ms', ({ services }) => services!.ledgerLag.clearedAfterMs?.toFixed(0) ?? 'too long'],
  ['µs instance', ({ cpuUs }) => cpuUs.process.toFixed(0)],
  ['µs leader', ({ services }) => services!.cpuUs.leaderThread.toFixed(0)],
  ['µs ledger', ({ cpuUs }) => cpuUs.ledgerProcess.toFixed(0)],
  ['µs Kafka', ({ services }) => services!.cpuUs.kafka.toFixed(0)],
  ['µs Redis', ({ services }) => services!.cpuUs.redis.toFixed(0)],
  ['µs PostgreSQL', ({ services }) => services!.cpuUs.postgres.toFixed(0)],
];

const tableOf = (columns: readonly Column[], runs: readonly ServeRun[]): string[] =>
  textTable([columns.map(([head]) => head), ...runs.map((run) => columns.map(([, cell]) => cell(run)))]);

export function renderServeReport(report: ServeReport & { readonly dataDir: string; readonly kept: boolean }): string {
  const { runs } = report;
  const onServices = runs.filter(({ services }) => services !== undefined);
  const isAlone = onServices.length === 0;
  const { bytesPerRecord: bytes } = report;
  const behind = bytes ? [`bytes a record: ${Math.round(bytes.kafka)} in Kafka, ${Math.round(bytes.redis)} in Redis, ${Math.round(bytes.postgres)} in PostgreSQL`] : []; // prettier-ignore
  const kept = report.kept ? [`journal in ${report.dataDir}: sentinel verify --data-dir ${report.dataDir}`] : [];
  return [
    `Node ${report.node}, ready after ${report.startToReadyMs.toFixed(0)} ms`,
    ...tableOf(columnsOf(isAlone ? 'fdatasync' : 'journal'), runs),
    ...(isAlone ? [] : ['', ...tableOf(SERVICES, onServices)]),
    ...behind,
    ...kept,
  ].join('\n');
}
