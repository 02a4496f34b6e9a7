/** The core of one instance that alone writes its journal, in local files or on Kafka: profiles in its own memory. */
import { randomUUID } from 'node:crypto';
import { PRIMITIVES } from '../../adapters/system/byte-primitives.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { bindLeftLabels } from '../../usecases/bind-labels.ts';
import { createClockWatch } from '../../usecases/clock-behind.ts';
import { createFold } from '../../usecases/fold.ts';
import { type ProjectionLag } from '../../usecases/project-ledger.ts';
import { putInForce } from '../../usecases/put-in-force.ts';
import { createRecentDecisions } from '../../usecases/recent-decisions.ts';
import { createRecordLabel } from '../../usecases/record-label.ts';
import { recordRuns } from '../../usecases/record-runs.ts';
import { recoverState } from '../../usecases/recover-state.ts';
import { createScoreTransaction } from '../../usecases/score-transaction.ts';
import { type Standing } from '../../usecases/service-health.ts';
import { createLedgerView, NO_LEDGER } from '../../usecases/view-ledger.ts';
import { type Core, type CoreDeps, RECENT_DECISIONS } from '../core.ts';
import { engineHashOf } from '../engine-hash.ts';
import { tokenKeyOf } from '../token-key.ts';
import { trainingRuns } from '../training-runs.ts';
import { createSnapshotter } from './snapshotter.ts';
import { openStorage, writeSnapshot } from './storage.ts';

export async function openAlone({
  config,
  log,
  artifact,
  engine,
  champion,
  telemetry,
  ledger,
}: CoreDeps): Promise<Core> {
  let fail: (error: Error) => void = () => undefined;
  let hasFailed = false;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  void failed.then(() => (hasFailed = true));
  const settings = artifact.featureSettings;
  const engineHash = engineHashOf(settings);
  const storage = await openStorage(config, settings, log, {
    onPoison: (error) => fail(error),
    onCommit: (records, bytes, syncUs) => telemetry.commit(records, bytes, syncUs),
    onSealed: () => snapshotter?.onSealed(),
  });
  const { journal, snapshots, segments } = storage;
  const fold = createFold(engine);
  const recovery = await recoverState({ fold, journal, snapshots, engineHash });
  const last = { seq: recovery.snapshotSeq, mac: recovery.snapshotMac };
  const snapshotter = segments && createSnapshotter({ config, log, segments, settings, engineHash, last });
  snapshotter?.onSealed();
  log.info({ ...recovery, headSeq: journal.head().seq }, 'state recovered');
  const firstNewSeq = journal.nextSeq();
  const { nowMs } = systemClock;
  const watchClock = createClockWatch({
    newestMs: () => fold.position().arrivalMs,
    nowMs,
    tell: (text) => log.warn({}, text),
  });
  watchClock();
  await putInForce({ fold, journal, nowMs }, { model: artifact.version, policy: champion.policy, actor: 'start' });
  await bindLeftLabels({ fold, journal, nowMs });
  await recordRuns({ fold, journal, nowMs }, await trainingRuns(config, log));

  const recent = createRecentDecisions({
    capacity: RECENT_DECISIONS,
    primitives: PRIMITIVES,
    fromSeq: firstNewSeq,
    labelInForce: fold.labelInForce,
  });
  journal.subscribe((frames, records) => recent.add(records(), frames));
  const projector = ledger?.project(journal);
  const lag = (): ProjectionLag => projector?.lag() ?? { records: 0, ms: 0 };
  const watching = setInterval(watchClock, MINUTE_MS).unref();
  const deps = { fold, journal, clock: systemClock, telemetry };
  const standing = (): Standing => {
    if (hasFailed) return { cache: 'connected', stream: 'disconnected', refusal: 'the journal cannot be written' };
    const isFull = journal.refusal?.() !== undefined;
    // The profiles are this process's own memory.
    return isFull
      ? { cache: 'connected', stream: 'degraded', refusal: 'the disk is full' }
      : { cache: 'connected', stream: 'connected' };
  };

  return {
    score: createScoreTransaction({
      ...deps,
      champion: () => champion,
      newId: randomUUID,
      deadlineMs: config.deadlineMs,
    }),
    recordLabel: createRecordLabel(deps),
    findDecision: (transactionId) => journal.findDecision(transactionId),
    profileOf: async (kind, id, atMs) => engine.describe(kind, id, atMs),
    view: createLedgerView({ ledger: ledger?.store ?? NO_LEDGER, recent }),
    head: () => journal.head(),
    lag,
    isFollowed: () => true,
    isPastWhole: () =>
      Math.max(recent.coveredFromSeq(), recent.labelsFromSeq()) <= journal.head().seq - lag().records + 1,
    standing,
    tokenKey: tokenKeyOf(config),
    failed,
    async close() {
      clearInterval(watching);
      await snapshotter?.stop();
      await projector?.stop();
      // Without it the next start only takes longer.
      await writeSnapshot(fold, storage, engineHash).catch((error: unknown) =>
        log.error({ error }, 'no snapshot written'),
      );
      await journal.close();
    },
  };
}
