import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { silentTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type Journal } from '../../src/ports/journal.ts';
import { type ModelArtifact } from '../../src/scoring/artifact.ts';
import { bindLeftLabels } from '../../src/usecases/bind-labels.ts';
import { createFold, type Fold } from '../../src/usecases/fold.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { championOf, loadArtifact, policyOf } from '../../src/usecases/load-champion.ts';
import { createRecordLabel, type RecordLabel } from '../../src/usecases/record-label.ts';
import {
  createScoreTransaction,
  type PaymentRequest,
  type ScoreTransaction,
} from '../../src/usecases/score-transaction.ts';
import { keptDirectory } from '../support/directories.ts';
import { sha256 } from '../support/policies.ts';
import { trainQuickModel } from '../support/services.ts';
import { aTransaction, NOON_MS } from '../support/transactions.ts';

const scratch = keptDirectory();
let artifact: ModelArtifact;
let champion: Champion;
beforeAll(async () => {
  const version = await trainQuickModel(scratch);
  artifact = await loadArtifact(createFileModelRegistry(scratch, systemClock), version);
});

let nowMs: number;
let tookUs: number;
let journal: Journal;
let fold: Fold;
let score: ScoreTransaction;
let recordLabel: RecordLabel;

beforeEach(() => {
  nowMs = NOON_MS;
  tookUs = 1;
  journal = createMemoryJournal();
  const engine = createFeatureEngine(artifact.featureSettings);
  champion = championOf(artifact, policyOf(artifact, sha256), engine.catalogue);
  fold = createFold(engine);
  let us = 0;
  const clock = { nowMs: () => nowMs, monotonicUs: () => (us += tookUs) };
  const deps = { fold, journal, clock, telemetry: silentTelemetry };
  score = createScoreTransaction({ ...deps, champion: () => champion, newId: () => 'made-up', deadlineMs: 50 });
  recordLabel = createRecordLabel(deps);
});

function aRequest(overrides: Partial<PaymentRequest['transaction']> = {}, requestHash = 'h1'): PaymentRequest {
  return { transaction: { ...aTransaction(), ...overrides }, requestHash };
}

async function records(): Promise<JournalRecord[]> {
  const all: JournalRecord[] = [];
  for await (const batch of journal.read(1)) all.push(...batch);
  return all;
}

const recordsOf = async <T extends JournalRecord['type']>(type: T): Promise<Extract<JournalRecord, { type: T }>[]> =>
  (await records()).filter((record): record is Extract<JournalRecord, { type: T }> => record.type === type);

describe('createScoreTransaction', () => {
  it('records one decision with its vector, contributions and the versions that made it', async () => {
    const { decision, cached } = await score(aRequest());
    expect(cached).toBe(false);
    expect(await recordsOf('decision')).toEqual([decision]);
    expect(decision.versions).toMatchObject({ model: artifact.version, policy: champion.policy.version });
    const sum = decision.contributions!.reduce((total, value) => total + value, decision.baseMargin);
    expect(Math.abs(sum - decision.margin)).toBeLessThan(1e-9);
  });

  it('names the base currency in the reasons of a payment in another one', async () => {
    const { decision } = await score(aRequest({ currency: 'EUR', amountMinor: 900_000, cardId: 'c-1' }));
    const units = champion.catalogue.features.map(({ unit }) => unit);
    const sums = decision.reasons.filter(({ feature }) => /\bbase currency$/u.test(units[feature]!));
    const texts = sums.map(({ text }) => text).filter((text) => text !== 'Not paid at night');
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => !text.includes(' USD'))).toEqual([]);
  });

  it('gives a repeat the same decision, counts it once in the profiles and records that it was asked', async () => {
    const first = await score(aRequest());
    const again = await score(aRequest());
    expect(again).toEqual({ decision: first.decision, cached: true });
    const [hit] = await recordsOf('cache_hit');
    expect(hit).toMatchObject({ transactionId: 't1', decisionSeq: first.decision.seq });
    const next = await score(aRequest({ transactionId: 't2' }, 'h2'));
    expect(next.decision.vector![fold.engine.catalogue.indexOf('user_txn_count_1h')]).toBe(1);
  });

  it('scores an id sent twice at the same time once', async () => {
    const both = await Promise.all([score(aRequest()), score(aRequest())]);
    expect(both.map(({ cached }) => cached)).toEqual([false, true]);
    expect(await recordsOf('decision')).toHaveLength(1);
  });

  it('refuses an id used for something else, and records nothing', async () => {
    await score(aRequest());
    const before = await records();
    await expect(score(aRequest({ amountMinor: 1 }, 'other'))).rejects.toMatchObject({ code: 'ID_REUSED' });
    expect(await records()).toEqual(before);
  });

  it('names and dates what comes without id and time', async () => {
    const { transactionId: _id, eventTimeMs: _time, ...rest } = aTransaction();
    const { decision } = await score({ transaction: rest, requestHash: 'h' });
    expect(decision.transaction).toMatchObject({ transactionId: 'made-up', eventTimeMs: NOON_MS });
  });

  it.each([
    ['TIMESTAMP_IN_FUTURE', { eventTimeMs: NOON_MS + 6 * MINUTE_MS }],
    ['UNKNOWN_CURRENCY', { currency: 'XXX' }],
  ])('refuses with %s, and records nothing', async (code, wrong) => {
    await expect(score(aRequest(wrong))).rejects.toMatchObject({ code });
    expect(await recordsOf('decision')).toEqual([]);
  });

  it('marks a payment older than the lateness bound', async () => {
    const { decision } = await score(aRequest({ eventTimeMs: NOON_MS - 25 * HOUR_MS }));
    expect(decision.late).toBe(true);
  });

  it('never lets arrivals go back when the clock does', async () => {
    await score(aRequest());
    nowMs -= HOUR_MS;
    const { decision } = await score(aRequest({ transactionId: 't2', eventTimeMs: nowMs }, 'h2'));
    expect(decision.arrivalMs).toBe(NOON_MS);
  });

  it('falls back to what the policy says when the deadline has passed, keeping the vector', async () => {
    tookUs = 60_000;
    const { decision } = await score(aRequest());
    expect(decision).toMatchObject({ fallbackCause: 'deadline', outcome: champion.policy.fallback, reasons: [] });
    expect(decision.vector).toBeInstanceOf(Float64Array);
    expect(decision.contributions).toBeUndefined();
  });

  it('falls back when the model fails, with the reason on the record', async () => {
    const broken = {
      ...champion.scorer,
      score: () => {
        throw new Error('no such leaf');
      },
    };
    champion = { ...champion, scorer: broken };
    const { decision } = await score(aRequest());
    expect(decision).toMatchObject({ fallbackCause: 'no such leaf', outcome: champion.policy.fallback });
  });
});

describe('labels before and beside their payment', () => {
  const label = { transactionId: 't1', isFraud: true, source: 'chargeback' } as const;

  it('wait for it, and are bound to it right after its decision', async () => {
    expect(await recordLabel(label)).toMatchObject({ status: 'waiting' });
    const { decision } = await score(aRequest());
    const labels = await recordsOf('label');
    expect(labels.map(({ payment }) => payment?.seq)).toEqual([undefined, decision.seq]);
    expect(fold.waitingLabels('t1')).toEqual([]);
  });

  it('say which of those that wait will be in force', async () => {
    await recordLabel(label);
    const receipt = await recordLabel({ ...label, isFraud: false, source: 'customer' });
    expect(receipt).toMatchObject({ status: 'waiting', inForce: { isFraud: true, source: 'chargeback' } });
    await score(aRequest());
    expect(fold.labelInForce('t1')).toEqual(receipt.inForce);
  });

  it('are answered however often they repeat, and bound once a source', async () => {
    for (let i = 0; i < 50; i++) {
      const receipt = await recordLabel({ ...label, source: i % 2 === 0 ? 'analyst' : 'customer' });
      expect(receipt).toMatchObject({ status: 'waiting', inForce: { source: 'analyst' } });
    }
    await score(aRequest());
    const bound = (await recordsOf('label')).filter(({ payment }) => payment !== undefined);
    expect(bound.map((record) => record.label.source)).toEqual(['analyst', 'customer']);
    expect(fold.labelInForce('t1')).toMatchObject({ source: 'analyst' });
  });

  it('are bound when the payment is decided while they look for it', async () => {
    void score(aRequest({ transactionId: 't0' }, 'h0')); // its commit keeps the search waiting
    const [receipt] = await Promise.all([recordLabel(label), score(aRequest())]);
    expect(receipt.status).toBe('recorded');
    expect(fold.waitingLabels('t1')).toEqual([]);
    expect(fold.labelInForce('t1')).toMatchObject({ isFraud: true });
  });

  it('are bound at the next start where a crash left them behind their decision', async () => {
    await recordLabel({ ...label, source: 'analyst' });
    await recordLabel(label);
    await recordLabel({ ...label, transactionId: 'never seen' });
    await score(aRequest());
    const whole = await records();
    for (let cut = whole.length; whole[cut - 1]?.type === 'label'; cut -= 1) {
      const left = createMemoryJournal();
      const after = createFold(createFeatureEngine(artifact.featureSettings));
      for (const { seq: _, ...record } of whole.slice(0, cut)) after.apply(left.append(record as never).record);
      await bindLeftLabels({ fold: after, journal: left, nowMs: () => nowMs });
      expect(after.waitingLabels('t1')).toEqual([]);
      expect(after.waitingLabels('never seen')).toHaveLength(1);
      expect(after.labels().inForce).toEqual(fold.labels().inForce);
      expect(left.head().seq).toBe(journal.head().seq);
    }
  });
});
