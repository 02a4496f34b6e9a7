/** The benchmark of faults as tables for people. */
import { type FaultsReport } from '../../bench/faults.ts';
import { textTable } from './text-table.ts';

const FAULT_COLUMNS = ['fault', 'struck', 'longest without an answer', 'without a decision'];
const CHECK_COLUMNS = ['compared', 'looked at', 'lost', 'duplicated', 'differing'];

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export function renderFaultsReport(report: FaultsReport): string {
  const { sent, findings } = report;
  const faults = report.faults.map(({ name, struck, longestWithoutAnswerMs, longestWithoutDecisionMs }) => [
    name,
    String(struck),
    seconds(longestWithoutAnswerMs),
    seconds(longestWithoutDecisionMs),
  ]);
  const checks = findings.map(({ what, counted, lost, duplicated, differing }) => [
    what,
    ...[counted, lost, duplicated, differing].map(String),
  ]);
  return [
    `${sent.payments} payments in ${seconds(report.seconds * 1_000)}: ${sent.paymentsByHttp} answered by HTTP, ${sent.paymentsByTopic} messages, ${sent.labels} labels, ${sent.poison} messages nobody can read`,
    '',
    ...textTable([FAULT_COLUMNS, ...faults]),
    '',
    ...textTable([CHECK_COLUMNS, ...checks]),
    ...report.unrest,
    ...findings.flatMap(({ what, examples }) => examples.map((example) => `${what}: ${example}`)),
    '',
    `${report.lost} lost, ${report.duplicated} duplicated, ${report.differing} differing`,
  ].join('\n');
}
