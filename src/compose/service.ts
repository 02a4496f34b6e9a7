/** Config → the running service: the one place that knows both the use cases and the adapters. */
import { checkExposure } from '../access/exposure.ts';
import { createKeyRing } from '../access/keys.ts';
import { createTelemetry } from '../adapters/prometheus/telemetry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config, shownConfig } from '../config.ts';
import { deploymentOf } from '../deployment.ts';
import { type ServerOrder } from '../http-thread/messages.ts';
import { type HttpService, type HttpThread, startHttpThread } from '../http-thread/start.ts';
import { type Log } from '../ports/log.ts';
import { createDescribeEntity } from '../usecases/describe-entity.ts';
import { createExplainDecision } from '../usecases/explain-decision.ts';
import { createListDecisions } from '../usecases/list-decisions.ts';
import { createServiceFigures, tellAll } from '../usecases/service-figures.ts';
import { createServiceReports } from '../usecases/service-reports.ts';
import { createAnswerPayment } from '../wire/answer.ts';
import { openAlone } from './alone/core.ts';
import { type Core, type CoreDeps } from './core.ts';
import { cataloguesOnRecord, createFindScorer } from './former-models.ts';
import { loadProduction } from './in-production.ts';
import { limitsOf, readKeys, readTls } from './inputs.ts';
import { startConfiguredLedger } from './ledger.ts';
import { rehearse } from './rehearsal.ts';

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

/** Where a service that shares its port with others differs. */
export interface AmongOthers {
  /** The socket they all listen on. */
  readonly fd: number;
  /** Takes the way to its own figures, gives the way to those of all of them. */
  readonly shareFigures: (own: () => Promise<string>) => () => Promise<string>;
}

/** Starts everything and resolves when payments are taken. Rejects with a SentinelError that says what is in the way. */
export async function startService(config: Config, log: Log, others?: AmongOthers): Promise<Service> {
  const http = startHttpThread(log); // loads its code while the rest starts
  try {
    return await startWith(http, config, log, others);
  } catch (error) {
    await http.stop();
    throw error;
  }
}

/** The clients of the servers are loaded where there are servers. */
async function openCore(deps: CoreDeps): Promise<Core> {
  if (deploymentOf(deps.config) !== 'shared') return openAlone(deps);
  const { openShared } = await import('./shared/core.ts');
  return openShared(deps);
}

async function startWith(
  http: HttpThread,
  config: Config,
  log: Log,
  others: AmongOthers | undefined,
): Promise<Service> {
  const keys = readKeys(config);
  checkExposure(config.host, createKeyRing(keys));
  const tls = readTls(config);
  const { registry, artifact, engine, champion } = await loadProduction(config);
  const settings = artifact.featureSettings;
  const { policy } = champion;
  const catalogues = await cataloguesOnRecord(registry, artifact, (text) => log.warn({}, text));

  const figures = createServiceFigures(systemClock);
  const prometheus = createTelemetry({
    journalHead: () => (core.isFollowed() ? core.head() : undefined),
    ledgerPosition: () => core.head().seq - core.lag().records,
    modelVersion: () => artifact.version,
  });
  const telemetry = tellAll([prometheus, figures]);
  const ledger = startConfiguredLedger(config, catalogues, log);
  const deps = { config, log, artifact, engine, champion, registry, telemetry, ledger };
  const core = await openCore(deps).catch(async (error: unknown) => {
    await ledger?.store.close();
    throw error;
  });
  const { view } = core;
  const reports = createServiceReports({
    artifact,
    registry,
    policy,
    clock: systemClock,
    figures: () => figures.read(),
    head: core.head,
    lag: core.lag,
    stats: view.stats,
    ...(ledger && { ledgerState: ledger.state }),
    standing: core.standing,
  });
  const service: HttpService = {
    answerPayment: createAnswerPayment(core.score, catalogues),
    calls: {
      recordLabel: core.recordLabel,
      explainDecision: createExplainDecision({
        findDecision: core.findDecision,
        ledger: view,
        catalogues,
        scorerOf: createFindScorer(registry, champion, log),
        isPastWhole: core.isPastWhole,
      }),
      describeEntity: createDescribeEntity({
        ledger: view,
        profileOf: core.profileOf,
        clock: systemClock,
        isPastWhole: core.isPastWhole,
      }),
      listDecisions: createListDecisions({ ledger: view, isPastWhole: core.isPastWhole }),
      ...reports,
      models: () => registry.list(),
      ...(core.leaseCalls && { leaseCalls: core.leaseCalls }),
      metricsText: others?.shareFigures(prometheus.metricsText) ?? prometheus.metricsText,
    },
    telemetry,
  };
  const order: ServerOrder = {
    host: config.host,
    port: config.port,
    ...(others && { fd: others.fd }),
    limits: limitsOf(config),
    sharesLimits: core.leaseCalls !== undefined,
    keys,
    ...(tls && { tls }),
    catalogues: catalogues.map(({ hash, features }) => ({
      hash,
      features: features.map(({ name, kind, category }) => ({ name, kind, ...(category && { category }) })),
    })),
    baseCurrency: policy.rates.base,
    config: shownConfig(config),
    tokenKey: core.tokenKey,
  };
  await rehearse({ http, order, service, champion, settings });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await http.close();
    await core.close();
    await ledger?.store.close();
    await http.stop();
  };
  const url = await http.open(order, service).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    url,
    modelVersion: artifact.version,
    labelDelayMs: settings.labelDelayMs,
    poisoned: Promise.race([core.failed, http.failed]),
    close: () => (closing ??= close()),
  };
}
