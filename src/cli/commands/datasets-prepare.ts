/** sentinel datasets prepare: published files → one cleaned, sorted Parquet file named by its content. */
import { createTransactionSource } from '../../adapters/duckdb/transaction-source.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { type PreparedDataset } from '../../ports/transaction-source.ts';
import { type Command } from '../command.ts';
import { renderCleaning } from '../render-cleaning.ts';
import { requireFiles } from '../training-data.ts';

interface Prepared extends PreparedDataset {
  /** Rows of the complete data set; absent when it has no fixed size. */
  readonly expectedRows?: number;
}

export const command: Command<Prepared> = {
  arguments: [
    { name: 'name', required: true, sentence: 'The data set; sentinel datasets lists them.' },
    { name: 'files', required: true, many: true, sentence: 'Its files: CSV (gzip allowed) or Parquet.' },
  ],
  settings: ['dataDir'],
  example: 'sentinel datasets prepare handbook transactions.csv.gz',
  async run({ given, config, progress, signal }) {
    const mapping = getMapping(given.text('name'));
    const files = given.texts('files');
    await requireFiles(files);
    const bar = progress('prepare', mapping.expectedRows);
    const prepared = await createTransactionSource().prepare(mapping, files, config().dataDir, {
      onRows: (rows) => {
        signal.throwIfAborted();
        bar.update(rows);
      },
    });
    bar.finish();
    return { ...prepared, ...(mapping.expectedRows !== undefined && { expectedRows: mapping.expectedRows }) };
  },
  render: ({ directory, manifest, alreadyThere, expectedRows }) => {
    const { cleaning } = manifest;
    const complete =
      expectedRows === undefined || expectedRows === cleaning.rowsRead
        ? []
        : [`The complete data set has ${expectedRows} rows; these files have ${cleaning.rowsRead}.`];
    return [
      `${directory}${alreadyThere ? ' (prepared before)' : ''}`,
      ...renderCleaning(cleaning),
      ...complete,
      ...manifest.files.map(({ name, bytes, sha256 }) => `  ${name}  ${bytes} bytes  sha256 ${sha256}`),
    ].join('\n');
  },
};
