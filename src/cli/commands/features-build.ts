/** sentinel features build: the features of every payment of a data set, as Parquet. */
import { join } from 'node:path';
import { createOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { type CleaningReport } from '../../datasets/cleaning.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { replayOrderOfBatches } from '../../datasets/replay-order.ts';
import { requireRows } from '../../datasets/require-rows.ts';
import { catalogueFor } from '../../features/catalogue.ts';
import { buildFeatures } from '../../usecases/build-features.ts';
import { type Command } from '../command.ts';
import { configuredRates } from '../rates.ts';
import { renderCleaning } from '../render-cleaning.ts';
import { catalogueOf, catalogueOption, DATA_OPTIONS, openData, settingsOf } from '../training-data.ts';

interface Built {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly string[];
  readonly catalogue: { readonly name: string; readonly hash: string };
  readonly seconds: number;
  readonly cleaning: CleaningReport;
}

export const command: Command<Built> = {
  options: [
    ...DATA_OPTIONS,
    catalogueOption('those of the mapping'),
    { name: 'out', type: 'text', value: 'DIR', required: true, sentence: 'Directory to write features.parquet to.' },
  ],
  settings: ['policyFile'],
  example: 'sentinel features build --mapping handbook --data transactions.csv.gz --out data/features',
  async run(input) {
    const { given, config, progress, signal } = input;
    const started = performance.now();
    const mapping = getMapping(given.text('mapping'));
    const settings = settingsOf(mapping, catalogueOf(given, mapping.features.catalogue));
    const { name, hash, features } = catalogueFor(settings);
    const idColumn = name === 'handbook' ? 'TRANSACTION_ID' : 'transaction_id';
    const rates = configuredRates(config());
    const opened = await openData(mapping, [given.text('data')], rates);
    const bar = progress('features', opened.rows);
    try {
      const events = replayOrderOfBatches(opened.read(), mapping.labelDelayMs);
      let done = 0;
      async function* columns() {
        for await (const { transactionIds, values } of buildFeatures(events, settings, rates)) {
          signal.throwIfAborted();
          bar.update((done += transactionIds.length));
          yield [
            { name: idColumn, values: transactionIds },
            ...features.map((feature, index) => ({ name: feature.name, values: values[index]! })),
          ];
        }
        requireRows(opened.report(), [given.text('data')]);
      }
      const path = join(given.text('out'), 'features.parquet');
      const options = { metadata: { catalogue: hash, mapping: mapping.name }, integers: [idColumn] };
      const rows = await createOfflineStore().writeBatches(path, columns(), options);
      bar.finish();
      const names = [idColumn, ...features.map((feature) => feature.name)];
      const seconds = (performance.now() - started) / 1_000;
      return { path, rows, columns: names, catalogue: { name, hash }, seconds, cleaning: opened.report() };
    } finally {
      opened.close();
    }
  },
  render: ({ path, rows, columns, catalogue, seconds, cleaning }) =>
    [
      `${path}: ${rows} payments, ${columns.length - 1} features of the catalogue ${catalogue.name}, in ${seconds.toFixed(1)} s`,
      ...renderCleaning(cleaning),
    ].join('\n'),
};
