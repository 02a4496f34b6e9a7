/** The core of one of several instances: profiles and claims on Redis, the journal on Kafka, each record where its place says. */
import { PRIMITIVES } from '../../adapters/system/byte-primitives.ts';
import { type Standing } from '../../usecases/service-health.ts';
import { createRecentDecisions } from '../../usecases/recent-decisions.ts';
import { LEDGER_LAG_LIMIT_MS } from '../../usecases/service-reports.ts';
import { NO_LEDGER } from '../../usecases/view-ledger.ts';
import { createSharedLedgerView } from '../../usecases/view-shared-ledger.ts';
import { type Core, type CoreDeps, RECENT_DECISIONS } from '../core.ts';
import { openSharedWorld } from './world.ts';

export async function openShared({ ledger, telemetry, ...deps }: CoreDeps): Promise<Core> {
  const recent = createRecentDecisions({
    capacity: RECENT_DECISIONS,
    primitives: PRIMITIVES,
    fromSeq: Infinity,
    labelInForce: () => undefined, // the ledger marks labels that came before their payment
  });
  const world = await openSharedWorld({
    ...deps,
    telemetry,
    ...(ledger && { ledger: ledger.store }),
    onRecord: (record, frame) => recent.add([record], frame),
  });
  const standing = (): Standing => {
    const stream = world.isWriting() ? 'connected' : 'disconnected';
    const refusal = world.refusal();
    if (refusal === undefined) return { cache: 'connected', stream };
    return { cache: world.isOpen() ? 'degraded' : 'disconnected', stream, refusal };
  };
  const { head, lag, isFollowed } = world.progress;
  return {
    score: world.scoring.score,
    recordLabel: world.labels.record,
    findDecision: world.findDecision,
    profileOf: world.profiles.describe,
    view: createSharedLedgerView({ ledger: ledger?.store ?? NO_LEDGER, recent }),
    head,
    lag,
    isFollowed,
    isPastWhole: () => lag().ms <= LEDGER_LAG_LIMIT_MS, // others answer all the time
    standing,
    leaseCalls: (name, calls) => world.state.takeTokens(name, deps.config.rateLimitPerSecond, calls),
    tokenKey: world.tokenKey,
    failed: world.failed,
    close: world.close,
  };
}
