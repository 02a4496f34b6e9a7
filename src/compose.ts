/** Config → the running service: the one place that knows both the use cases and the adapters. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkExposure } from './access/exposure.ts';
import { createKeyRing, type KeyEntry, readKeyEntries } from './access/keys.ts';
import { hashRequest } from './access/pan-token.ts';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { type Worker } from 'node:worker_threads';
import { startEmbeddedLedger } from './adapters/postgres/embedded-ledger.ts';
import { createTelemetry } from './adapters/prometheus/telemetry.ts';
import { createFileModelRegistry } from './adapters/registry-files/model-registry.ts';
import { readChainKey } from './adapters/segments/chain-key.ts';
import { openSegmentJournal, type SegmentJournal, type SegmentJournalOptions } from './adapters/segments/journal.ts';
import { openSnapshotStore } from './adapters/segments/snapshot-store.ts';
import { segmentPath } from './adapters/segments/segment-files.ts';
import { PRIMITIVES } from './adapters/system/byte-primitives.ts';
import { systemClock } from './adapters/system/clock.ts';
import { secretFile } from './adapters/system/secret-file.ts';
import { startThread } from './adapters/system/start-thread.ts';
import { readYaml } from './adapters/yaml/read-yaml.ts';
import { type Config, shownConfig } from './config.ts';
import { type Policy } from './decisions/policy.ts';
import { readPolicy } from './decisions/read-policy.ts';
import { SentinelError } from './domain/errors.ts';
import { DAY_MS } from './domain/time.ts';
import { type Catalogue } from './features/catalogue.ts';
import { createFeatureEngine, type FeatureSettings } from './features/engine.ts';
import { DEFAULT_LIMITS, type HttpLimits, type TlsFiles } from './http/server-deps.ts';
import { type ServerOrder } from './http-thread/messages.ts';
import { type HttpService, type HttpThread, startHttpThread } from './http-thread/start.ts';
import { type Log } from './ports/log.ts';
import { type ModelRegistry } from './ports/model-registry.ts';
import { type SnapshotStore } from './ports/snapshot-store.ts';
import { type ModelArtifact } from './scoring/artifact.ts';
import { rehearse } from './rehearsal.ts';
import { type SnapshotOrder } from './snapshot-thread.ts';
import { createDescribeEntity } from './usecases/describe-entity.ts';
import { createExplainDecision } from './usecases/explain-decision.ts';
import { createFold, type Fold } from './usecases/fold.ts';
import { championOf, loadArtifact, policyOf } from './usecases/load-champion.ts';
import { createLedgerProjector, type ProjectionLag } from './usecases/project-ledger.ts';
import { putInForce } from './usecases/put-in-force.ts';
import { createRecentDecisions } from './usecases/recent-decisions.ts';
import { createRecordLabel } from './usecases/record-label.ts';
import { recoverState } from './usecases/recover-state.ts';
import { createScoreTransaction } from './usecases/score-transaction.ts';
import { createServiceFigures, tellAll } from './usecases/service-figures.ts';
import { createServiceReports } from './usecases/service-reports.ts';
import { createLedgerView, NO_LEDGER } from './usecases/view-ledger.ts';
import { createAnswerPayment } from './wire/answer.ts';

/** Decisions kept in memory for lists and evidence, some 2 KB each, outside the collector’s reach. */
const RECENT_DECISIONS = 20_000;
const MIB = 2 ** 20;
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

/** SHA-256 as hex digits, for the versions of policies. */
const hashText = hashRequest;

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

  const ledger = config.ledger
    ? startEmbeddedLedger({
        directory: join(config.dataDir, 'ledger'),
        catalogue: { hash: engine.catalogue.hash, names: engine.catalogue.features.map(({ name }) => name) },
      })
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
    ...(ledger && { isLedgerReady: ledger.isReady }),
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

async function productionArtifact(registry: ModelRegistry, catalogue?: Catalogue): Promise<ModelArtifact> {
  const version = await registry.production();
  if (version === undefined) throw new SentinelError('NOT_READY', { reason: 'no model is in production' });
  return loadArtifact(registry, version, catalogue);
}

function limitsOf(config: Config): HttpLimits {
  return {
    ...DEFAULT_LIMITS,
    bodyBytes: config.bodyLimitBytes,
    lineBytes: config.bodyLimitBytes,
    batchBytes: config.batchLimitBytes,
    maxInFlight: config.inFlightLimit,
    corsOrigins: config.corsOrigins,
    ...(config.rateLimitPerSecond > 0 && { requestsPerSecond: config.rateLimitPerSecond }),
  };
}

function readTls({ tlsKeyFile, tlsCertFile }: Config): TlsFiles | undefined {
  if (tlsKeyFile === '') return undefined;
  return { key: readConfigured(tlsKeyFile), cert: readConfigured(tlsCertFile) };
}

function readConfigured(file: string): Buffer {
  if (existsSync(file)) return readFileSync(file);
  throw new SentinelError('CONFIG_INVALID', { problems: `${file}: there is no such file` });
}

/** The API keys of the configured file; none without one. */
export function readKeys(config: Pick<Config, 'keysFile'>): readonly KeyEntry[] {
  if (config.keysFile === '') return [];
  const text = readConfigured(config.keysFile).toString();
  try {
    return readKeyEntries(JSON.parse(text), config.keysFile);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SentinelError('CONFIG_INVALID', { problems: `${config.keysFile}: ${error.message}` }, error);
  }
}

/** The configured policy; undefined when none is. POLICY_INVALID with the place of the first mistake. */
export function readPolicyFile(config: Pick<Config, 'policyFile'>): Policy | undefined {
  if (config.policyFile === '') return undefined;
  if (!existsSync(config.policyFile)) {
    throw new SentinelError('POLICY_INVALID', { place: config.policyFile, problem: 'there is no such file' });
  }
  const read = readYaml(readFileSync(config.policyFile, 'utf8'));
  if ('problem' in read) throw new SentinelError('POLICY_INVALID', { place: config.policyFile, problem: read.problem });
  return readPolicy(read.value, hashText);
}

interface Storage {
  readonly journal: SegmentJournal;
  readonly snapshots: SnapshotStore;
  /** Key of the tokens that stand for card numbers. */
  readonly tokenKey: Uint8Array;
}

async function openStorage(
  config: Config,
  log: Log,
  hooks: Pick<SegmentJournalOptions, 'onPoison' | 'onCommit' | 'onSealed'>,
): Promise<Storage> {
  const directory = join(config.dataDir, 'journal');
  const onNotice = (text: string): void => log.warn({}, text);
  const journal = await openSegmentJournal({
    directory,
    segmentBytes: config.segmentMib * MIB,
    exactWindowMs: config.exactIdDays * DAY_MS,
    onNotice,
    onSpace: (error) =>
      error === undefined
        ? log.warn({}, 'the journal has room again')
        : log.error(
            { error },
            'no room for the next segment of the journal: payments are refused once this one is full',
          ),
    ...hooks,
  });
  const key = await readChainKey(join(directory, 'chain.key'));
  if (key === undefined)
    throw new SentinelError('JOURNAL_CORRUPT', { place: directory, problem: 'the key file is missing' });
  const snapshots = await openSnapshotStore({ directory: join(config.dataDir, 'snapshots'), key, onNotice });
  const tokenKey =
    config.tokenKey === '' ? secretFile(join(config.dataDir, 'token.key')) : new TextEncoder().encode(config.tokenKey);
  return { journal, snapshots, tokenKey };
}

/** Folds what is sealed into a snapshot, in a thread, once `everyRecords` more are sealed than in the last one. */
function createSnapshotter(deps: {
  readonly config: Config;
  readonly log: Log;
  readonly journal: Pick<SegmentJournal, 'segments'>;
  readonly settings: FeatureSettings;
  readonly engineHash: string;
  /** `seq` of the newest snapshot. */
  readonly lastSeq: number;
}): { onSealed(): void; stop(): Promise<void> } {
  const { config, log, journal, settings, engineHash } = deps;
  let { lastSeq } = deps;
  let thread: Worker | undefined;

  const begin = (): void => {
    const sealed = journal.segments();
    const newest = sealed.at(-1);
    if (thread !== undefined || newest === undefined || newest.lastSeq < lastSeq + config.snapshotEveryRecords) return;
    const order: SnapshotOrder = {
      keyFile: join(config.dataDir, 'journal', 'chain.key'),
      snapshotDirectory: join(config.dataDir, 'snapshots'),
      settings,
      engineHash,
      segments: sealed.map(({ number, end, lastSeq: last }) => ({
        path: segmentPath(join(config.dataDir, 'journal'), number),
        end,
        lastSeq: last,
      })),
      mac: Buffer.from(newest.mac).toString('hex'),
    };
    const started = startThread(new URL('./snapshot-thread', import.meta.url), order);
    thread = started;
    started.on('message', (seq: number) => (lastSeq = seq));
    started.on('error', (error) => log.warn({ error }, 'the snapshot failed; the next start replays more'));
    started.on('exit', () => (thread = undefined));
  };
  return { onSealed: begin, stop: async () => void (await thread?.terminate()) };
}

async function writeSnapshot(fold: Fold, { journal, snapshots }: Storage, engineHash: string): Promise<void> {
  const { seq, mac } = journal.head();
  if (seq === 0 || fold.position().seq !== seq) return;
  const { catalogue } = fold.engine;
  const payload = fold.snapshot();
  await snapshots.write({ seq, mac, catalogueHash: catalogue.hash, engineHash, versions: {}, payload });
}
