/** Figures of the tree engine beside its rivals as a table for a terminal. */
import { type Estimate, type TreesReport } from '../../bench/trees.ts';

const WIDTHS = [24, 9, 9, 9, 9, 9, 22, 0] as const;
const HEADINGS = ['', 'seconds', 'CPU s', 'MB', 'AUC', 'AP', 'our time / theirs', 'our AUC − theirs'];
const BYTES_PER_MB = 1e6;

const row = (cells: readonly string[]): string =>
  `  ${cells.map((cell, column) => cell.padEnd(WIDTHS[column]!)).join('')}`.trimEnd();

const range = ({ value, low, high }: Estimate, digits: number): string =>
  `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;

export function renderTrees(report: TreesReport): string {
  const { rows, features, rounds, threads, seeds, processor, node, othersBusy } = report;
  const title = `${rows} × ${features}, ${rounds} trees, ${threads} threads, ${seeds} seeds; ${processor}, Node ${node}`;
  const blocks = report.tasks.map(({ task, engines }) => [
    `${task}:`,
    row(HEADINGS),
    ...engines.map(({ engine, version, seconds, cpuSeconds, peakBytes, auc, averagePrecision, beside }) =>
      row([
        `${engine} ${version}`,
        seconds.toFixed(2),
        cpuSeconds.toFixed(2),
        (peakBytes / BYTES_PER_MB).toFixed(0),
        auc.toFixed(4),
        averagePrecision.toFixed(4),
        beside === undefined ? '' : range(beside.timeRatio, 2),
        beside === undefined ? '' : range(beside.aucGain, 4),
      ]),
    ),
  ]);
  const others = `Everything else on the machine kept ${othersBusy.toFixed(2)} processors busy.`;
  return [title, others, ...blocks.flat()].join('\n');
}
