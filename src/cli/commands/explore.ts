/** sentinel explore: one page of what is in a data set. */
import { writeFile } from 'node:fs/promises';
import { createDatasetExplorer } from '../../adapters/duckdb/explore-dataset.ts';
import { writeWhole } from '../../adapters/duckdb/whole-file.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { renderExploration } from '../../training/exploration/page.ts';
import {
  type ExplorationReport,
  type ExploredColumn,
  mostSeparating,
  separation,
} from '../../training/exploration/report.ts';
import { type Command } from '../command.ts';
import { requireOtherThan } from '../output-file.ts';
import { MAPPING_OPTION, requireFiles } from '../training-data.ts';

interface Explored extends ExplorationReport {
  readonly path: string;
  readonly seconds: number;
}

/** Columns named on the terminal. */
const NAMED = 10;

export const command: Command<Explored> = {
  arguments: [
    { name: 'files', required: true, many: true, sentence: 'CSV (gzip allowed) or Parquet files of one data set.' },
  ],
  options: [
    MAPPING_OPTION,
    { name: 'out', type: 'text', value: 'FILE', default: 'exploration.html', sentence: 'The page to write; it needs no network.' },
  ], // prettier-ignore
  example: 'sentinel explore data/payments.parquet --mapping sentinel --out exploration.html',
  async run({ given, progress, signal }) {
    const started = performance.now();
    const mapping = getMapping(given.text('mapping'));
    const files = given.texts('files');
    await requireFiles(files);
    const path = given.text('out');
    await requireOtherThan('out', path, files);
    const bar = progress('explore', mapping.columns.length, 'columns');
    const report = await createDatasetExplorer().explore(mapping, files, {
      onColumns: (done) => {
        signal.throwIfAborted();
        bar.update(done);
      },
    });
    bar.finish();
    const page = renderExploration(report, { mapping: mapping.name, files });
    await writeWhole(path, (temporary) => writeFile(temporary, page));
    return { path, seconds: (performance.now() - started) / 1_000, ...report };
  },
  render: ({ path, seconds, rows, frauds, unlabelled, columns }) => {
    const counts = `${rows} payments, ${frauds} frauds${unlabelled === 0 ? '' : `, ${unlabelled} without a label`}`;
    return [
      `${path}: ${counts}, ${columns.length} columns, in ${seconds.toFixed(1)} s`,
      ...(frauds === 0 || frauds === rows ? [] : separationLines(columns)),
    ].join('\n');
  },
};

/** Where frauds fall otherwise than the others, which takes some of both. */
function separationLines(columns: readonly ExploredColumn[]): readonly string[] {
  const named = mostSeparating(columns).slice(0, NAMED);
  return ['Frauds differ most in', ...named.map((column) => `  ${column.name.padEnd(24)} ${separation(column).toFixed(3)}`)]; // prettier-ignore
}
