/** Instances of the shared world on real servers, without HTTP; and a replay of what they wrote. */
import { openSharedKafkaJournal } from '../../src/adapters/kafka/shared-journal.ts';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { silentTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { openSharedWorld, type SharedWorld } from '../../src/compose/shared/world.ts';
import { type Config } from '../../src/config.ts';
import { createFeatureEngine, type FeatureSettings } from '../../src/features/engine.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type Log } from '../../src/ports/log.ts';
import { createFold } from '../../src/usecases/fold.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { championOf, loadArtifact, policyOf } from '../../src/usecases/load-champion.ts';
import { createParityCheck, type Difference } from '../../src/usecases/verify-parity.ts';
import { sha256 } from './policies.ts';

export const SILENT: Log = { error: () => undefined, warn: () => undefined, info: () => undefined };

export interface World extends SharedWorld {
  readonly champion: Champion;
  readonly settings: FeatureSettings;
}

/** An instance as its settings say, with the model in production. */
export async function openWorld(config: Config, log = SILENT): Promise<World> {
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const artifact = await loadArtifact(registry, (await registry.production())!);
  const champion = championOf(artifact, policyOf(artifact, sha256), createFeatureEngine(artifact.featureSettings).catalogue); // prettier-ignore
  const world = await openSharedWorld({ config, log, artifact, champion, registry, telemetry: silentTelemetry });
  return { ...world, champion, settings: artifact.featureSettings };
}

/** All records that count, as a reader of the topic finds them. */
export async function journalOf({ kafka, cluster, key }: SharedWorld): Promise<readonly JournalRecord[]> {
  const journal = await openSharedKafkaJournal({ ...kafka, topic: `${cluster.prefix}journal`, key: key.key, nowMs: Date.now }); // prettier-ignore
  const records: JournalRecord[] = [];
  for await (const batch of journal.read(1)) records.push(...batch);
  const gap = journal.gap();
  await journal.close();
  if (gap !== undefined) throw new Error(`place ${gap.seq} is empty`);
  return records;
}

/** What differs between decisions recorded and those a replay by seq makes. */
export async function differencesIn(
  records: readonly JournalRecord[],
  { champion, settings }: World,
): Promise<readonly Difference[]> {
  const parity = createParityCheck({
    fold: createFold(createFeatureEngine(settings)),
    championOf: () => Promise.resolve(champion),
    isConcerned: ({ type }) => Promise.resolve(type === 'decision'),
  });
  const found: Difference[] = [];
  for (const record of records) {
    const difference = await parity.check(record);
    if (difference !== undefined) found.push(difference);
  }
  return found;
}
