/** sentinel generate ieee-cis: files with the columns, types and gaps of IEEE-CIS, to test with. */
import { join } from 'node:path';
import { writeCsvFiles } from '../../adapters/duckdb/write-csv-files.ts';
import {
  createIeeeShape,
  IEEE_CIS_ROWS,
  IEEE_IDENTITY_HEADER,
  IEEE_TRANSACTION_HEADER,
  type IeeeShapeOptions,
} from '../../simulation/ieee-shape/shape.ts';
import { type Command } from '../command.ts';
import { seedOption } from '../common-options.ts';

interface Generated {
  readonly paths: readonly string[];
  readonly rows: number;
  readonly frauds: number;
  readonly identities: number;
  readonly seconds: number;
  readonly seed: number;
}

export const command: Command<Generated> = {
  options: [
    { name: 'rows', type: 'whole number', value: 'N', default: IEEE_CIS_ROWS, minimum: 1, sentence: 'Payments to make.' },
    seedOption('The same seed makes the same files.'),
    { name: 'out', type: 'text', value: 'DIR', default: 'data/ieee-cis', sentence: 'Directory for train_transaction.csv.gz and train_identity.csv.gz.' },
  ], // prettier-ignore
  example: 'sentinel generate ieee-cis --rows 20000 --out data/ieee-cis',
  async run({ given, progress, signal }) {
    const options: IeeeShapeOptions = { rows: given.number('rows'), seed: given.number('seed') };
    const files = [
      { path: join(given.text('out'), 'train_transaction.csv.gz'), header: IEEE_TRANSACTION_HEADER },
      { path: join(given.text('out'), 'train_identity.csv.gz'), header: IEEE_IDENTITY_HEADER },
    ];
    const started = performance.now();
    const bar = progress('generate', options.rows);
    let frauds = 0;
    let identities = 0;
    function* lines() {
      for (const { transaction, identity, isFraud } of createIeeeShape(options)) {
        if (isFraud) frauds++;
        if (identity !== undefined) identities++;
        yield [transaction, identity];
      }
    }
    const rows = await writeCsvFiles(files, lines(), (done) => {
      signal.throwIfAborted();
      bar.update(done);
    });
    bar.finish();
    const seconds = (performance.now() - started) / 1_000;
    return { paths: files.map(({ path }) => path), rows, frauds, identities, seconds, seed: options.seed };
  },
  render: ({ paths, rows, frauds, identities, seconds }) =>
    [
      `${rows} payments in ${seconds.toFixed(1)} s, ${((100 * frauds) / rows).toFixed(2)} % frauds, ${identities} with an identity:`,
      ...paths.map((path) => `  ${path}`),
      `Merge them with sentinel datasets prepare ieee-cis ${paths.join(' ')}`,
    ].join('\n'),
};
