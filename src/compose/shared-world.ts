/** What several instances share, as one of them sees it: the store on Redis, the journal on Kafka, and scoring over both. */
import { randomUUID } from 'node:crypto';
import { type KafkaSettings } from '../adapters/kafka/client.ts';
import { createRecordFinder } from '../adapters/kafka/find-record.ts';
import { openPlacedKafkaJournal } from '../adapters/kafka/placed-journal.ts';
import { takeOverSharedJournal } from '../adapters/kafka/take-over-shared.ts';
import { openRedisStore } from '../adapters/redis/open-store.ts';
import { type ChainKey } from '../adapters/segments/chain-key.ts';
import { PRIMITIVES } from '../adapters/system/byte-primitives.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../domain/time.ts';
import { createClaimCodec } from '../journal/claim-bytes.ts';
import { type DecisionRecord } from '../journal/record.ts';
import { type KafkaCluster, kafkaClusterOf } from '../kafka-settings.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { type Log } from '../ports/log.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type OnlineStore } from '../ports/online-store.ts';
import { type SharedState } from '../ports/shared-state.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { redisUrlOf } from '../redis-settings.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { finishUnconfirmed } from '../usecases/finish-unconfirmed.ts';
import { type Champion } from '../usecases/judge.ts';
import { type PlacedJournal } from '../usecases/placed-journal.ts';
import { putSharedInForce } from '../usecases/put-shared-in-force.ts';
import { createSharedLabels, type SharedLabels } from '../usecases/record-shared-label.ts';
import { createSharedScoring, type SharedScoring } from '../usecases/score-shared-transaction.ts';
import { createSharedProfiles, type SharedProfiles } from '../usecases/shared-profiles.ts';
import { engineHashOf } from './engine-hash.ts';
import { createFindDecided } from './find-decided.ts';
import { createChampions } from './former-champions.ts';
import { journalKeyOf } from './journal-key.ts';
import { kafkaSettingsOf, readyTopics } from './kafka-topics.ts';
import { keepOpen } from './keep-open.ts';
import { repeat } from './repeat.ts';
import { agreementOf, requireAgreement, tellAgreement } from './shared-agreement.ts';
import { tokenKeyOf } from './token-key.ts';

/** A call of Redis not answered within this is given up. */
const REDIS_TIMEOUT_MS = 2 * SECOND_MS;
const REDIS_WAITING = 10_000;
/** Decisions stay beside their claims for so long; where there is a ledger, older ones are found through it. */
const ANSWERS_KEPT_MS = HOUR_MS;
/** Chargebacks arrive within 120 days of the payment. */
const LABELS_KEPT_MS = 180 * DAY_MS;
/** Entities one instance keeps its own copies of, some 500 bytes each. */
const REPLICA_ENTITIES = 1_000_000;
/** How often what others left unconfirmed is looked for. */
const SWEEP_MS = 10 * SECOND_MS;

export interface SharedWorldOptions {
  readonly config: Config;
  readonly log: Log;
  readonly artifact: ModelArtifact;
  /** What decides here. */
  readonly champion: Champion;
  readonly registry: ModelRegistry;
  readonly telemetry: Telemetry;
  /** Where old decisions are; without one they are kept on Redis as long as their ids. */
  readonly ledger?: Pick<LedgerStore, 'search'>;
}

export interface SharedWorld {
  readonly store: OnlineStore;
  readonly state: SharedState;
  readonly profiles: SharedProfiles;
  readonly labels: SharedLabels;
  /** Scoring whose records go straight to Kafka. */
  readonly scoring: SharedScoring;
  /** Scoring whose records go where `journal` puts them. */
  createScoring(journal: PlacedJournal): SharedScoring;
  /** Labels whose records go where `journal` puts them. */
  createLabels(journal: PlacedJournal): SharedLabels;
  readonly journal: PlacedJournal;
  /** The epoch that records are written in: that of the store, by which it changes. */
  journalEpoch(): number;
  /**
   * Rejects NOT_READY when `epoch` has ended. A record whose write was acknowledged before a call that resolves counts:
   * whoever ends an epoch ends it in the store first, and in the journal afterwards.
   */
  confirmEpoch(epoch: number): Promise<void>;
  /** Undefined for an id never answered; see find-decided.ts. */
  findDecision(transactionId: string): Promise<DecisionRecord | undefined>;
  /** False while profiles are being restored, or Redis is away: payments are refused with NOT_READY. */
  isOpen(): boolean;
  readonly key: ChainKey;
  readonly tokenKey: Uint8Array;
  readonly cluster: KafkaCluster;
  readonly kafka: KafkaSettings;
  /** Resolves when this process can no longer take part: it should end and start again. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/**
 * Resolves when the store is open, restored by this process or by another. Throws CONFIG_INVALID when keys or topics are
 * not as they must be, NOT_READY, BROKER_UNAVAILABLE and JOURNAL_CORRUPT.
 */
export async function openSharedWorld(options: SharedWorldOptions): Promise<SharedWorld> {
  const { config, log, artifact, champion, telemetry, ledger } = options;
  const cluster = kafkaClusterOf(config);
  const url = redisUrlOf(config);
  if (cluster === undefined || url === undefined) {
    throw new SentinelError('CONFIG_INVALID', { problems: 'sharing needs Kafka and Redis: set KAFKA_BROKERS and REDIS_URL' }); // prettier-ignore
  }
  const settings = artifact.featureSettings;
  const [key, tokenKey] = [journalKeyOf(config), tokenKeyOf(config)];
  const kafka = kafkaSettingsOf(cluster, log);
  const onTopic = { ...kafka, topic: `${cluster.prefix}journal`, key: key.key };
  const codec = createClaimCodec(PRIMITIVES);
  const idWindowMs = config.exactIdDays * DAY_MS;
  await readyTopics(cluster, settings.labelDelayMs, log);
  const redis = await openRedisStore({
    url,
    name: config.redisName,
    timeoutMs: REDIS_TIMEOUT_MS,
    maxWaiting: REDIS_WAITING,
    idWindowMs,
    answerMs: ledger === undefined ? idWindowMs : ANSWERS_KEPT_MS,
    labelMs: LABELS_KEPT_MS,
  });
  const { store, state } = redis;
  for (const problem of await redis.check()) log.warn({}, `Redis: ${problem}`);
  const journal = await openPlacedKafkaJournal(onTopic).catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));

  const finder = createRecordFinder(onTopic);
  const findDecision = createFindDecided({ state, codec, finder, ledger });
  const profiles = createSharedProfiles({ store, state, codec, settings, replicaEntities: REPLICA_ENTITIES });
  const champions = createChampions({ state, registry: options.registry, current: () => champion });
  const createLabels = (to: PlacedJournal): SharedLabels =>
    createSharedLabels({ store, state, journal: to, codec, findDecision, telemetry });
  const createScoring = (to: PlacedJournal): SharedScoring =>
    createSharedScoring({
      store,
      profiles,
      journal: to,
      codec,
      champion: () => champion,
      championOf: champions.find,
      findDecision,
      bindLabels: labels.bind,
      clock: systemClock,
      telemetry,
      newId: randomUUID,
      deadlineMs: config.deadlineMs,
    });
  const labels = createLabels(journal);
  const scoring = createScoring(journal);

  const agreement = agreementOf(key, tokenKey, engineHashOf(settings));
  const open = keepOpen({
    store,
    state,
    codec,
    settings,
    idWindowMs,
    log,
    takeOver: (epoch, onPassed) => takeOverSharedJournal({ ...onTopic, epoch, onPassed }),
    onFailure: (error) => fail(error),
    async onOpened(restoredHere) {
      if (restoredHere) await tellAgreement(state, agreement);
      else await requireAgreement(state, agreement);
      await champions.tellPolicy();
      const { policy } = champion;
      await putSharedInForce({ store, state, journal, codec }, { model: artifact.version, policy, actor: 'start' });
    },
  });
  const sweeper = repeat(
    SWEEP_MS,
    async () => {
      if (!open.isOpen()) return;
      const report = await finishUnconfirmed({ store, state, journal, codec, scoring, labels });
      if (report.finished > 0)
        log.info({ finished: report.finished }, 'payments that were left unconfirmed are finished');
      for (const { what, error } of report.failed) log.warn({ error }, `${what} cannot be finished yet`);
    },
    (error) => log.warn({ error }, 'nothing could be swept'),
  );

  const close = async (): Promise<void> => {
    await Promise.all([open.stop(), sweeper.stop()]);
    await Promise.all([journal.close(), finder.close()]);
    await redis.close();
  };
  try {
    await open.opened;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    store,
    state,
    profiles,
    labels,
    scoring,
    createScoring,
    createLabels,
    journal,
    journalEpoch: () => store.epoch(),
    async confirmEpoch(epoch) {
      const status = await state.status();
      if (status !== 'open' || store.epoch() !== epoch) throw new SentinelError('NOT_READY', { reason: 'profiles were restored meanwhile' }); // prettier-ignore
    },
    findDecision,
    isOpen: open.isOpen,
    key,
    tokenKey,
    cluster,
    kafka,
    failed,
    close,
  };
}
