/** The thread that does, while its process leads, what one process does for all; with connections of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { openPlacedKafkaJournal } from '../../adapters/kafka/placed-journal.ts';
import { sealJournal } from '../../adapters/kafka/seals.ts';
import { openSharedKafkaJournal } from '../../adapters/kafka/shared-journal.ts';
import { openRedisStore } from '../../adapters/redis/open-store.ts';
import { PRIMITIVES } from '../../adapters/system/byte-primitives.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { type Config } from '../../config.ts';
import { catalogueFor } from '../../features/catalogue.ts';
import { type FeatureSettings } from '../../features/engine.ts';
import { createClaimCodec } from '../../journal/claim-bytes.ts';
import { kafkaClusterOf } from '../../kafka-settings.ts';
import { engineHashOf } from '../engine-hash.ts';
import { journalKeyOf } from '../journal-key.ts';
import { journalTopicOf } from '../journal-topic.ts';
import { kafkaSettingsOf } from '../kafka-topics.ts';
import { startConfiguredLedger } from '../ledger.ts';
import { trainingRuns } from '../training-runs.ts';
import { followJournal } from './follow-journal.ts';
import { lead } from './lead.ts';
import { logTo } from './log-line.ts';
import { redisOptionsOf } from './redis-options.ts';
import { openSharedSnapshots } from './snapshots.ts';

/** What the thread is given. */
export interface LeaderOrder {
  readonly config: Config;
  readonly settings: FeatureSettings;
}

const ROLE = 'leader';

const { config, settings } = workerData as LeaderOrder; // set by leader.ts
const port = parentPort!;
const log = logTo((line) => port.postMessage(line));
const cluster = kafkaClusterOf(config)!; // only instances that share have this thread
const kafka = kafkaSettingsOf(cluster, log);
const key = journalKeyOf(config);
const onTopic = { ...kafka, topic: journalTopicOf(cluster), key: key.key };
const codec = createClaimCodec(PRIMITIVES);
const { store, state, close } = await openRedisStore(redisOptionsOf(config));
const ledger = startConfiguredLedger(config, [catalogueFor(settings)], log);
const snapshots = await openSharedSnapshots({ dataDir: config.dataDir, key, codec, engineHash: engineHashOf(settings), onNotice: (text) => log.warn({}, text) }); // prettier-ignore

const leading = lead({
  state,
  role: ROLE,
  monotonicUs: systemClock.monotonicUs,
  onError: (error) => log.warn({ error }, 'this process cannot lead; trying again'),
  begin: () =>
    followJournal({
      store,
      state,
      codec,
      settings,
      snapshots,
      snapshotEveryRecords: config.snapshotEveryRecords,
      ledger,
      openJournal: (from, onFailure) =>
        openSharedKafkaJournal({ ...onTopic, ...(from && { from }), nowMs: systemClock.nowMs, onFailure }),
      openWriter: (durableTo) => openPlacedKafkaJournal({ ...onTopic, durableTo }),
      trainingRuns: () => trainingRuns(config, log),
      seal: () => sealJournal({ ...kafka, prefix: cluster.prefix, key: key.key }),
      log,
    }),
});

port.once('message', () => {
  const end = async (): Promise<void> => {
    await leading.stop();
    await ledger?.store.close();
    await close();
    port.close();
  };
  void end();
});
