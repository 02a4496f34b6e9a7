/** Figures of the tree engine beside its rivals as a table for a terminal. */
import { type Estimate, type TreesReport } from '../../bench/trees.ts';

const WIDTHS = [24, 9, 9, 9, 9, 9, 22, 28, 18, 0] as const;
const HEADINGS = ['', 'seconds', 'CPU s', 'MB', 'AUC', 'AP', 'our time / theirs', 'our AUC − theirs', 'score µs', 'explain µs']; // prettier-ignore
const BYTES_PER_MB = 1e6;

const row = (cells: readonly string[]): string =>
  `  ${cells.map((cell, column) => cell.padEnd(WIDTHS[column]!)).join('')}`.trimEnd();

/** A row alone and in a table. */
const costs = (alone: number | null, inTable: number | null): string =>
  alone === null || inTable === null ? '–' : `${alone.toFixed(1)} / ${inTable.toFixed(1)}`;

const range = ({ value, low, high }: Estimate, digits: number): string =>
  `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;

export function renderTrees(report: TreesReport): string {
  const { rows, features, rounds, threads, seeds, processor, node, othersBusy } = report;
  const title = `${rows} × ${features}, ${rounds} trees, ${threads} threads, ${seeds} seeds; ${processor}, Node ${node}`;
  const blocks = report.tasks.map(({ task, engines }) => [
    `${task}:`,
    row(HEADINGS),
    ...engines.map((figures) => {
      const { engine, version, seconds, cpuSeconds, peakBytes, auc, averagePrecision, beside } = figures;
      return row([
        `${engine} ${version}`,
        seconds.toFixed(2),
        cpuSeconds.toFixed(2),
        (peakBytes / BYTES_PER_MB).toFixed(0),
        auc.toFixed(4),
        averagePrecision.toFixed(4),
        beside === undefined ? '' : range(beside.timeRatio, 2),
        beside === undefined ? '' : range(beside.aucGain, 4),
        costs(figures.scoreRowUs, figures.scoreBatchUs),
        costs(figures.explainRowUs, figures.explainBatchUs),
      ]);
    }),
  ]);
  const others = `Everything else on the machine kept ${othersBusy.toFixed(2)} processors busy.`;
  const legend = 'Microseconds: a row alone / in a table, on one thread.';
  const sizes = (report.threadSizes ?? []).map(({ fit, cells, aloneMs, togetherMs }) => {
    const times = `${aloneMs.toFixed(1)} ms alone, ${togetherMs.toFixed(1)} ms on ${threads} threads`;
    return `  ${fit} of ${(cells / 1e6).toFixed(1)} M cells: ${times} (${(togetherMs / aloneMs).toFixed(2)})`;
  });
  return [title, others, legend, ...blocks.flat(), ...sizes].join('\n');
}
