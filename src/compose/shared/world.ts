/** What several instances share, as one of them sees it: the store on Redis, the journal on Kafka, and scoring over both. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaSettings } from '../../adapters/kafka/client.ts';
import { createRecordFinder } from '../../adapters/kafka/find-record.ts';
import { readFinishedMessages } from '../../adapters/kafka/group-lag.ts';
import { openPlacedKafkaJournal } from '../../adapters/kafka/placed-journal.ts';
import { openTopicReader } from '../../adapters/kafka/topic-reader.ts';
import { takeOverSharedJournal } from '../../adapters/kafka/take-over-shared.ts';
import { openRedisStore } from '../../adapters/redis/open-store.ts';
import { type ChainKey } from '../../adapters/segments/chain-key.ts';
import { PRIMITIVES } from '../../adapters/system/byte-primitives.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { type Config } from '../../config.ts';
import { SentinelError } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { createClaimCodec } from '../../journal/claim-bytes.ts';
import { type DecisionRecord, type JournalRecord } from '../../journal/record.ts';
import { type KafkaCluster, kafkaClusterOf } from '../../kafka-settings.ts';
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { type Log } from '../../ports/log.ts';
import { type ModelRegistry } from '../../ports/model-registry.ts';
import { type OnlineStore } from '../../ports/online-store.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type Telemetry } from '../../ports/telemetry.ts';
import { type ModelArtifact } from '../../scoring/artifact.ts';
import { createFinishUnconfirmed } from '../../usecases/finish-unconfirmed.ts';
import { type Champion } from '../../usecases/judge.ts';
import { type PlacedJournal } from '../../usecases/placed-journal.ts';
import { putSharedInForce } from '../../usecases/put-shared-in-force.ts';
import { createSharedLabels, type SharedLabels } from '../../usecases/record-shared-label.ts';
import { createSharedScoring, type SharedScoring } from '../../usecases/score-shared-transaction.ts';
import { createSharedProfiles, type SharedProfiles } from '../../usecases/shared-profiles.ts';
import { engineHashOf } from '../engine-hash.ts';
import { journalKeyOf } from '../journal-key.ts';
import { journalTopicOf } from '../journal-topic.ts';
import { kafkaSettingsOf, readyTopics } from '../kafka-topics.ts';
import { tokenKeyOf } from '../token-key.ts';
import { agreementOf, requireAgreement, tellAgreement } from './agreement.ts';
import { watchAnswers } from './answers.ts';
import { attend } from './attendance.ts';
import { createFindDecided } from './find-decided.ts';
import { createChampions } from './former-champions.ts';
import { keepOpen } from './keep-open.ts';
import { startLeader } from './leader.ts';
import { createHeardProgress, type HeardProgress, toldProgress } from './progress.ts';
import { redisOptionsOf } from './redis-options.ts';
import { repeat } from './repeat.ts';
import { createRestore } from './restore.ts';
import { openSharedSnapshots } from './snapshots.ts';

/** Entities one instance keeps its own copies of, some 500 bytes each. */
const REPLICA_ENTITIES = 1_000_000;
/** How often what others left unconfirmed is looked for. */
const SWEEP_MS = 10 * SECOND_MS;
const PROGRESS_MS = SECOND_MS;
/** How long a broker that is only asked whether it is there may be away before it is asked anew. */
const ASK_PATIENCE_MS = 2 * SECOND_MS;
/** How long a restoration may take to come to an end when this process closes. */
const END_MS = 2 * SECOND_MS;

export interface SharedWorldOptions {
  readonly config: Config;
  readonly log: Log;
  readonly artifact: ModelArtifact;
  /** What decides here. */
  readonly champion: Champion;
  readonly registry: ModelRegistry;
  readonly telemetry: Telemetry;
  /** Tells where old decisions are; without a server for it they are kept on Redis as long as their ids. */
  readonly ledger?: Pick<LedgerStore, 'search'>;
  /** Told of each record of this instance that is durable, with its frame. */
  readonly onRecord?: (record: JournalRecord, frame: Uint8Array) => void;
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
  /** Why payments are refused; undefined while they are taken. */
  refusal(): string | undefined;
  /** Whether the brokers answer, and took what was written last. */
  isWriting(): boolean;
  /** As last told by the process that leads. */
  readonly progress: Omit<HeardProgress, 'hear'>;
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
 * not as they must be, or processes of another version are here, STORE_UNAVAILABLE, BROKER_UNAVAILABLE and JOURNAL_CORRUPT.
 */
export async function openSharedWorld(options: SharedWorldOptions): Promise<SharedWorld> {
  const { config, log, artifact, champion, telemetry, ledger } = options;
  const cluster = kafkaClusterOf(config);
  if (cluster === undefined) throw new SentinelError('CONFIG_INVALID', { problems: 'no Kafka brokers are named: set KAFKA_BROKERS' }); // prettier-ignore
  const redisOptions = redisOptionsOf(config);
  const settings = artifact.featureSettings;
  const [key, tokenKey] = [journalKeyOf(config), tokenKeyOf(config)];
  const kafka = kafkaSettingsOf(cluster, log);
  const onTopic = { ...kafka, topic: journalTopicOf(cluster), key: key.key };
  const codec = createClaimCodec(PRIMITIVES);
  await readyTopics(cluster, settings.labelDelayMs, log);
  const engineHash = engineHashOf(settings);
  const redis = await openRedisStore(redisOptions);
  const { store, state } = redis;
  const owner = randomUUID();
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  const attendance = attend({ state, owner, version: redis.version, nowMs: systemClock.nowMs, log, onFailure: (error) => fail(error) }); // prettier-ignore
  const openOthers = async () => {
    await attendance.begun;
    for (const problem of await redis.check()) log.warn({}, `Redis: ${problem}`);
    const snapshots = await openSharedSnapshots({ dataDir: config.dataDir, key, codec, engineHash, onNotice: (text) => log.warn({}, text) }); // prettier-ignore
    const journal = await openPlacedKafkaJournal({
      ...onTopic,
      onCommit: telemetry.commit,
      ...(options.onRecord && { onRecord: options.onRecord }),
    });
    // Whoever needs the brokers tells the log that they are away; this one need not say it as well.
    const { onNotice: _, ...quiet } = { ...kafka, patienceMs: ASK_PATIENCE_MS };
    const brokers = await openTopicReader(quiet, onTopic.topic).catch(async (error: unknown) => {
      await journal.close();
      throw error;
    });
    return { snapshots, journal, brokers };
  };
  const { snapshots, journal, brokers } = await openOthers().catch(async (error: unknown) => {
    await attendance.stop();
    await redis.close();
    throw error;
  });
  const leader = startLeader({ config, settings }, log);

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

  const agreement = agreementOf(key, tokenKey, engineHash);
  const open = keepOpen({
    store,
    state,
    log,
    restore: createRestore({
      state,
      codec,
      settings,
      idWindowMs: redisOptions.idWindowMs,
      owner,
      snapshots,
      takeOver: (epoch, onPassed) => takeOverSharedJournal({ ...onTopic, epoch, onPassed }),
    }),
    onFailure: (error) => fail(error),
    async onOpened(restoredHere) {
      if (restoredHere) await tellAgreement(state, agreement);
      else await requireAgreement(state, agreement);
      await champions.tellPolicy();
      const { policy } = champion;
      await putSharedInForce({ store, state, journal, codec }, { model: artifact.version, policy, actor: 'start' });
    },
  });
  const answers = watchAnswers({ ask: brokers.offsets, nowMs: () => performance.now() });
  const progress = createHeardProgress(systemClock.nowMs);
  const hearing = repeat(PROGRESS_MS, async () => progress.hear(await toldProgress(state)), () => progress.hear(undefined)); // prettier-ignore
  const finishUnconfirmed = createFinishUnconfirmed({
    store,
    state,
    journal,
    codec,
    scoring,
    labels,
    finishedMessages: () =>
      readFinishedMessages({ ...kafka, topic: `${cluster.prefix}transactions`, groupId: cluster.groupId }),
  });
  const sweeper = repeat(
    SWEEP_MS,
    async (signal) => {
      if (!open.isOpen()) return;
      const report = await finishUnconfirmed(undefined, signal);
      if (report.finished > 0)
        log.info({ finished: report.finished }, 'payments that were left unconfirmed are finished');
      for (const { what, error } of report.failed) log.warn({ error }, `${what} cannot be finished yet`);
    },
    (error) => log.warn({ error }, 'nothing could be swept'),
  );

  const close = async (): Promise<void> => {
    // A restoration under way takes long; without its connections it ends by itself, and the next one does it again.
    await Promise.race([open.stop(), sleep(END_MS, undefined, { ref: false })]);
    await Promise.all([sweeper.stop(), hearing.stop(), leader.stop()]);
    void answers.stop(); // a question that nobody answers is not waited for
    await Promise.all([journal.close(), finder.close(), brokers.close()]);
    await attendance.stop();
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
    refusal: open.refusal,
    isWriting: () => journal.isWriting() && answers.isAnswering(),
    progress,
    key,
    tokenKey,
    cluster,
    kafka,
    failed,
    close,
  };
}
