/** Figures on the Handbook's protocols as a table for a terminal. */
import { type HandbookReport, type HandbookRun } from '../../bench/handbook.ts';
import { type PublishedResult } from '../../bench/handbook-published.ts';
import { PROTOCOL_METRICS } from '../training/protocol.ts';

const NAME_WIDTH = 34;
const CELL_WIDTH = 24;
const HEADINGS = { rocAuc: 'AUC ROC', averagePrecision: 'average precision', cardPrecisionAt100: 'CP@100' } as const;

function row(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padEnd(CELL_WIDTH)).join('')}`.trimEnd();
}

function runLines(run: HandbookRun, published: readonly PublishedResult[]): readonly string[] {
  const title = `${run.protocol}, ${run.featureCount} ${run.features} features, ${run.trainDays} days of training, ${run.weeks} weeks: ${run.folds.length}, ${run.seconds.toFixed(0)} s:`;
  const ours = run.results.map(({ learner, mean }) =>
    row(
      learner,
      PROTOCOL_METRICS.map((metric) => {
        const { value, low, high } = mean[metric];
        return Number.isNaN(low) ? value.toFixed(3) : `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
      }),
    ),
  );
  const theirs = published
    .filter(({ protocol }) => protocol === run.protocol)
    .map(({ name, metrics }) =>
      row(
        `published: ${name}`,
        PROTOCOL_METRICS.map((metric) => metrics[metric]?.toFixed(3) ?? '–'),
      ),
    );
  return [title, row('', Object.values(HEADINGS)), ...ours, ...theirs];
}

/** A block a run: our learners with 95 % intervals, then what is published for the same protocol. */
export function renderHandbook({ runs, published }: HandbookReport): string {
  return runs.flatMap((run) => runLines(run, published)).join('\n');
}
