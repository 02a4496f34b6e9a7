/** Config → a running stream worker: payments and labels from their topics, decisions to theirs. */
import { knownCatalogues } from '../features/catalogue.ts';
import { createPanTokeniser } from '../access/pan-token.ts';
import { type Delivery } from '../adapters/kafka/partition-owner.ts';
import { openTransactionStream } from '../adapters/kafka/transaction-stream.ts';
import { createStreamTelemetry } from '../adapters/prometheus/stream-telemetry.ts';
import { type Config } from '../config.ts';
import { raisesAlert } from '../decisions/decide.ts';
import { type Log } from '../ports/log.ts';
import { type PartitionLag, type StreamStatus, type TransactionStream } from '../ports/transaction-stream.ts';
import { createDecisionEncoder } from '../wire/decision.ts';
import { createPaymentDecoder } from '../wire/payment.ts';
import { createLabelHandler } from '../worker/label-handler.ts';
import { createPaymentHandler } from '../worker/payment-handler.ts';
import { loadProduction } from './in-production.ts';
import { hashText } from './inputs.ts';
import { startConfiguredLedger } from './ledger.ts';
import { openSharedWorld } from './shared/world.ts';
import { rehearseMessages } from './worker-rehearsal.ts';

export interface StreamWorker {
  readonly modelVersion: string;
  status(): StreamStatus;
  lag(): Promise<readonly PartitionLag[]>;
  /** Decisions by the policy’s fallback so far. */
  fallbacks(): number;
  /** Prometheus text format. */
  metricsText(): Promise<string>;
  /** Resolves when waiting mends nothing any more: the process should end and start again. */
  readonly failed: Promise<Error>;
  /** Finishes the batches at hand and leaves the group; safe to call twice. */
  close(): Promise<void>;
}

/** Resolves when the worker has joined its group. Rejects with a SentinelError that says what is in the way. */
export async function startStreamWorker(config: Config, log: Log, delivery: Delivery): Promise<StreamWorker> {
  const { registry, artifact, engine, champion } = await loadProduction(config);
  const { catalogue } = engine;
  await rehearseMessages(champion, artifact.featureSettings); // before anything is connected that a busy thread would delay
  let stream: TransactionStream | undefined;
  const telemetry = createStreamTelemetry({
    status: () => stream?.status(),
    lag: () => stream?.lag() ?? Promise.resolve([]),
    modelVersion: () => artifact.version,
  });
  const ledger = startConfiguredLedger(config, [catalogue], log);
  const world = await openSharedWorld({
    config,
    log,
    artifact,
    champion,
    registry,
    telemetry,
    ...(ledger && { ledger: ledger.store }),
  }).catch(async (error: unknown) => {
    await ledger?.store.close();
    throw error;
  });
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  void world.failed.then(fail);

  const decoder = createPaymentDecoder({ tokenise: createPanTokeniser(world.tokenKey, '1'), hash: hashText });
  const common = {
    confirmEpoch: world.confirmEpoch,
    onUnconfirmed: (error: unknown) => log.warn({ error }, 'a payment stays unconfirmed until it is swept'),
  };
  const { prefix, groupId } = world.cluster;
  const close = async (): Promise<void> => {
    await stream?.close();
    await world.close();
    await ledger?.store.close();
  };
  try {
    stream = await openTransactionStream({
      ...world.kafka,
      prefix,
      groupId,
      key: world.key.key,
      delivery,
      handlers: {
        [`${prefix}transactions`]: createPaymentHandler({
          ...common,
          scoring: world.scoring,
          decoder,
          encode: createDecisionEncoder(knownCatalogues(catalogue)),
          isAlert: ({ outcome, probability, fallbackCause }) =>
            raisesAlert(outcome, fallbackCause === undefined ? probability : undefined, champion.policy),
        }),
        [`${prefix}labels`]: createLabelHandler({ ...common, labels: world.labels, protect: decoder.protect }),
      },
      onFailure: fail,
    });
  } catch (error) {
    await close();
    throw error;
  }
  const opened = stream;
  let closing: Promise<void> | undefined;
  return {
    modelVersion: artifact.version,
    status: () => opened.status(),
    lag: () => opened.lag(),
    fallbacks: telemetry.fallbacks,
    metricsText: telemetry.metricsText,
    failed,
    close: () => (closing ??= close()),
  };
}
