/** sentinel ledger rebuild: all tables made again from the journal, while the service is stopped. */
import { join } from 'node:path';
import { onnxRuntime } from '../../adapters/onnxruntime/graph-runtime.ts';
import { startEmbeddedLedger } from '../../adapters/postgres/embedded-ledger.ts';
import { openSegmentJournal } from '../../adapters/segments/journal.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Catalogue, catalogueFor, SENTINEL_CATALOGUE } from '../../features/catalogue.ts';
import { type ModelRegistry } from '../../ports/model-registry.ts';
import { loadArtifact } from '../../usecases/load-champion.ts';
import { rebuildLedger } from '../../usecases/rebuild-ledger.ts';
import { type Command } from '../command.ts';
import { refuseMissingJournal } from '../data-directory.ts';
import { openRegistry } from '../stored-models.ts';

interface Rebuilt {
  readonly records: number;
  readonly position: number;
  readonly seconds: number;
}

/** Names of the features in force: those of the model in production, or Sentinel's own without one. */
async function catalogueInForce(registry: ModelRegistry): Promise<Catalogue> {
  const version = await registry.production();
  return version === undefined
    ? SENTINEL_CATALOGUE
    : catalogueFor((await loadArtifact(registry, version, onnxRuntime)).featureSettings);
}

export const command: Command<Rebuilt> = {
  settings: ['dataDir', 'modelsDir'],
  example: 'sentinel ledger rebuild --data-dir data',
  async run(input) {
    const { config, progress, signal, say } = input;
    const started = performance.now();
    const { dataDir } = config();
    const directory = join(dataDir, 'journal');
    refuseMissingJournal(dataDir);
    const { hash, features } = await catalogueInForce(openRegistry(input));
    const journal = await openSegmentJournal({ directory, onNotice: say });
    const catalogue = { hash, names: features.map(({ name }) => name) };
    try {
      const ledger = startEmbeddedLedger({ directory: join(dataDir, 'ledger'), catalogue });
      try {
        await ledger.ready;
        const bar = progress('ledger', journal.head().seq, 'records');
        const records = await rebuildLedger({ journal, ledger: ledger.store }, { onRecords: bar.update, signal });
        bar.finish();
        const position = await ledger.store.position();
        if (position !== journal.head().seq) {
          throw new SentinelError('NOT_READY', { reason: `the ledger ends at ${position}, the journal at ${journal.head().seq}` });
        }
        return { records, position, seconds: (performance.now() - started) / 1_000 };
      } finally {
        await ledger.store.close();
      }
    } finally {
      await journal.close();
    }
  }, // prettier-ignore
  render: ({ records, position, seconds }) =>
    `${records} records projected in ${seconds.toFixed(1)} s; the ledger stands at ${position}`,
};
