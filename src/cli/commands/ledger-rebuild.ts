/** sentinel ledger rebuild: all tables made again from the journal, while the service is stopped. */
import { join } from 'node:path';
import { topicFrames } from '../../adapters/kafka/topic-frames.ts';
import { onnxRuntime } from '../../adapters/onnxruntime/graph-runtime.ts';
import { startLedger } from '../../adapters/postgres/start-ledger.ts';
import { openSegmentJournal } from '../../adapters/segments/journal.ts';
import { cataloguesOnRecord } from '../../compose/former-models.ts';
import { ledgerNames } from '../../compose/ledger.ts';
import { placesOf } from '../../compose/places.ts';
import { type Config } from '../../config.ts';
import { DATABASE_SETTING_NAMES, databaseServerOf } from '../../database-settings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Catalogue } from '../../features/catalogue.ts';
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { type JournalFrames } from '../../ports/journal-copy.ts';
import { type ModelRegistry } from '../../ports/model-registry.ts';
import { loadArtifact } from '../../usecases/load-champion.ts';
import { framesOf, rebuildLedger } from '../../usecases/rebuild-ledger.ts';
import { type Command } from '../command.ts';
import { DATA, refuseMissingJournal } from '../data-directory.ts';
import { JOURNAL_SETTINGS, kafkaPlaceOf } from '../kafka-place.ts';
import { openRegistry } from '../stored-models.ts';

interface Rebuilt {
  readonly records: number;
  readonly position: number;
  readonly seconds: number;
}

/** The features by which the model in production and those before it decided. */
async function catalogues(registry: ModelRegistry, onNotice: (text: string) => void): Promise<readonly Catalogue[]> {
  const version = await registry.production();
  const running = version === undefined ? undefined : await loadArtifact(registry, version, onnxRuntime);
  return cataloguesOnRecord(registry, running, onNotice);
}

interface Source extends JournalFrames {
  /** How many records there are, where that is known. */
  readonly records?: number;
  close(): Promise<void>;
}

async function openSource(settings: Config, say: (line: string) => void): Promise<Source> {
  const place = kafkaPlaceOf(settings);
  if (place !== undefined) return { frames: () => topicFrames(place).frames(), close: () => Promise.resolve() };
  refuseMissingJournal(settings.dataDir);
  const journal = await openSegmentJournal({ directory: join(settings.dataDir, DATA.journal), onNotice: say });
  return { ...framesOf(journal), records: journal.head().seq, close: () => journal.close() };
}

export const command: Command<Rebuilt> = {
  options: [{ name: 'yes', type: 'flag', sentence: 'Replace what lies on a server, whatever it was projected from.' }],
  settings: [...JOURNAL_SETTINGS, 'modelsDir', ...DATABASE_SETTING_NAMES],
  example: 'sentinel ledger rebuild --data-dir data',
  async run(input) {
    const { given, config, progress, signal, say } = input;
    const started = performance.now();
    const settings = config();
    const server = databaseServerOf(settings);
    if (server !== undefined && !given.flag('yes')) {
      const { ledger, journal } = placesOf(settings);
      throw new SentinelError('USAGE', { problem: `the rows at ${ledger} would be replaced by those of the journal at ${journal}; --yes does so` });
    }
    const known = await catalogues(openRegistry(input), say);
    const source = await openSource(settings, say);
    try {
      const place = { directory: join(settings.dataDir, DATA.ledger), server };
      const ledger = startLedger(place, ledgerNames(known), { isPatient: false });
      try {
        await ledger.ready;
        const bar = progress('ledger', source.records, 'records');
        const { records, lastSeq } = await rebuildLedger({ journal: source, ledger: ledger.store }, { onRecords: bar.update, signal });
        bar.finish();
        const position = await ledger.store.position(JOURNAL_SOURCE);
        if (position !== lastSeq) {
          throw new SentinelError('NOT_READY', { reason: `the ledger ends at ${position}, the journal at ${lastSeq}` });
        }
        return { records, position, seconds: (performance.now() - started) / 1_000 };
      } finally {
        await ledger.store.close();
      }
    } finally {
      await source.close();
    }
  }, // prettier-ignore
  render: ({ records, position, seconds }) =>
    `${records} records projected in ${seconds.toFixed(1)} s; the ledger stands at ${position}`,
};
