/** Config → the running service: the one place that knows both the use cases and the adapters. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { checkExposure } from '../access/exposure.ts';
import { createKeyRing } from '../access/keys.ts';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { startLedger } from '../adapters/postgres/start-ledger.ts';
import { createTelemetry } from '../adapters/prometheus/telemetry.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { PRIMITIVES } from '../adapters/system/byte-primitives.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createFileTracking, runsFolder } from '../adapters/tracking-files/tracking.ts';
import { type Config, shownConfig } from '../config.ts';
import { databaseServerOf } from '../database-settings.ts';
import { createFeatureEngine } from '../features/engine.ts';
import { type ServerOrder } from '../http-thread/messages.ts';
import { type HttpService, type HttpThread, startHttpThread } from '../http-thread/start.ts';
import { type Log } from '../ports/log.ts';
import { rehearse } from './rehearsal.ts';
import { createDescribeEntity } from '../usecases/describe-entity.ts';
import { createExplainDecision } from '../usecases/explain-decision.ts';
import { createFold } from '../usecases/fold.ts';
import { championOf, policyOf } from '../usecases/load-champion.ts';
import { createLedgerProjector, type ProjectionLag } from '../usecases/project-ledger.ts';
import { putInForce } from '../usecases/put-in-force.ts';
import { createRecentDecisions } from '../usecases/recent-decisions.ts';
import { createRecordLabel } from '../usecases/record-label.ts';
import { recordRuns } from '../usecases/record-runs.ts';
import { recoverState } from '../usecases/recover-state.ts';
import { createScoreTransaction } from '../usecases/score-transaction.ts';
import { createServiceFigures, tellAll } from '../usecases/service-figures.ts';
import { createServiceReports } from '../usecases/service-reports.ts';
import { createLedgerView, NO_LEDGER } from '../usecases/view-ledger.ts';
import { createAnswerPayment } from '../wire/answer.ts';
import { hashText, limitsOf, productionArtifact, readKeys, readPolicyFile, readTls } from './inputs.ts';
import { createSnapshotter, openStorage, writeSnapshot } from './storage.ts';

/** Decisions kept in memory for lists and evidence, some 2 KB each, outside the collector’s reach. */
const RECENT_DECISIONS = 20_000;
/** A change of the engine's arithmetic needs a new name, so that no snapshot of another engine is used. */
const ENGINE = 'engine-1';

export interface Service {
  readonly url: string;
  readonly modelVersion: string;
  /** How long the model's data took to be taken for genuine, milliseconds: the pace of the life it knows. */
  readonly labelDelayMs: number;
  /** Resolves when the service can no longer record: the process should end with an error and be started again. */
  readonly poisoned: Promise<Error>;
  /** Stops accepting, answers what is in flight, commits, writes a snapshot; safe to call twice. */
  close(): Promise<void>;
}

/** Waits `ms`, less when the signal aborts. */
const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  setTimeoutPromise(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);

/** Starts everything and resolves when payments are taken. Rejects with a SentinelError that says what is in the way. */
export async function startService(config: Config, log: Log): Promise<Service> {
  const http = startHttpThread(log); // loads its code while the rest starts
  try {
    return await startWith(http, config, log);
  } catch (error) {
    await http.stop();
    throw error;
  }
}

async function startWith(http: HttpThread, config: Config, log: Log): Promise<Service> {
  const keys = readKeys(config);
  checkExposure(config.host, createKeyRing(keys));
  const tls = readTls(config);
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const artifact = await productionArtifact(registry);
  const engine = createFeatureEngine(artifact.featureSettings);
  const engineHash = `${ENGINE} ${hashText(JSON.stringify(artifact.featureSettings))}`;
  const policy = readPolicyFile(config) ?? policyOf(artifact, hashText);
  const champion = championOf(artifact, policy, engine.catalogue);

  let poison: (error: Error) => void = () => undefined;
  let failed = false;
  const poisoned = new Promise<Error>((resolve) => (poison = resolve));
  void poisoned.then(() => (failed = true));
  void http.failed.then(poison);
  const storage = await openStorage(config, log, {
    onPoison: (error) => poison(error),
    onCommit: (records, bytes, syncUs) => telemetry.commit(records, bytes, syncUs),
    onSealed: () => snapshotter.onSealed(),
  });
  const { journal, snapshots } = storage;
  const prometheus = createTelemetry({
    journalHead: () => journal.head(),
    ledgerPosition: () => journal.head().seq - lag().records,
    modelVersion: () => artifact.version,
  });
  const figures = createServiceFigures(systemClock);
  const telemetry = tellAll([prometheus, figures]);
  const fold = createFold(engine);
  const recovery = await recoverState({ fold, journal, snapshots, engineHash });
  const snapshotter = createSnapshotter({
    config,
    log,
    journal,
    settings: artifact.featureSettings,
    engineHash,
    lastSeq: recovery.snapshotSeq,
  });
  snapshotter.onSealed();
  log.info({ ...recovery, headSeq: journal.head().seq }, 'state recovered');
  const firstNewSeq = journal.nextSeq();
  await putInForce({ fold, journal, nowMs: systemClock.nowMs }, { model: artifact.version, policy, actor: 'start' });
  const runs = await createFileTracking(runsFolder(config.modelsDir), systemClock)
    .list()
    .catch((error: unknown) => {
      log.warn({ error }, 'training runs cannot be read; the ledger will not list them');
      return [];
    });
  await recordRuns({ fold, journal, nowMs: systemClock.nowMs }, runs);

  const ledger = config.ledger
    ? startLedger(
        { directory: join(config.dataDir, 'ledger'), server: databaseServerOf(config) },
        { hash: engine.catalogue.hash, names: engine.catalogue.features.map(({ name }) => name) },
        { isPatient: true, onNotice: (text) => log.warn({}, text) },
      )
    : undefined;
  const recent = createRecentDecisions({
    capacity: RECENT_DECISIONS,
    primitives: PRIMITIVES,
    fromSeq: firstNewSeq,
    labelInForce: fold.labelInForce,
  });
  journal.subscribe(recent.add);
  const projector =
    ledger &&
    createLedgerProjector(
      {
        journal,
        ledger: ledger.store,
        clock: systemClock,
        pause,
        onError: (error) => log.warn({ error }, 'ledger projection failed; trying again'),
      },
      { cpuShare: config.ledgerCpuShare },
    );
  const lag = (): ProjectionLag => projector?.lag() ?? { records: 0, ms: 0 };
  const view = createLedgerView({ ledger: ledger?.store ?? NO_LEDGER, recent });
  const deps = { fold, journal, clock: systemClock, telemetry };
  const scoreTransaction = createScoreTransaction({
    ...deps,
    champion: () => champion,
    newId: randomUUID,
    deadlineMs: config.deadlineMs,
  });
  const reports = createServiceReports({
    artifact,
    policy,
    clock: systemClock,
    figures: () => figures.read(),
    head: () => journal.head(),
    lag,
    ...(ledger && { ledgerState: ledger.state }),
    isFull: () => journal.refusal?.() !== undefined,
    isPoisoned: () => failed,
  });
  const { features } = engine.catalogue;
  const service: HttpService = {
    answerPayment: createAnswerPayment(scoreTransaction, features),
    calls: {
      recordLabel: createRecordLabel(deps),
      explainDecision: createExplainDecision({
        journal,
        ledger: view,
        catalogue: engine.catalogue,
        scorerOf: async ({ model }) => (model === artifact.version ? champion.scorer : undefined),
      }),
      describeEntity: createDescribeEntity({
        ledger: view,
        profileOf: (kind, id) => engine.describe(kind, id, systemClock.nowMs()),
        clock: systemClock,
      }),
      decisions: view.decisions,
      stats: view.stats,
      ...reports,
      models: () => registry.list(),
      metricsText: () => prometheus.metricsText(),
    },
    telemetry,
  };
  const order: ServerOrder = {
    host: config.host,
    port: config.port,
    limits: limitsOf(config),
    keys,
    ...(tls && { tls }),
    features: features.map(({ name, kind }) => ({ name, kind })),
    baseCurrency: policy.rates.base,
    config: shownConfig(config),
    tokenKey: storage.tokenKey,
  };
  await rehearse({ http, order, service, champion, settings: artifact.featureSettings });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await http.close();
    await snapshotter.stop();
    await projector?.stop();
    await writeSnapshot(fold, storage, engineHash);
    await journal.close();
    await ledger?.store.close();
    await http.stop();
  };
  const url = await http.open(order, service).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const { labelDelayMs } = artifact.featureSettings;
  return { url, modelVersion: artifact.version, labelDelayMs, poisoned, close: () => (closing ??= close()) };
}
