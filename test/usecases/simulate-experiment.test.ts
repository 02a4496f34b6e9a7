/** The simulated experiment decides as the service decided, and counts only payments whose truth is known. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { silentTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { replayOrder, type ReplayEvent } from '../../src/datasets/replay-order.ts';
import { DEFAULT_RATES } from '../../src/decisions/rates.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { armOf as hashedArm } from '../../src/experiments/assignment.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { type DecisionRecord, type JournalRecord } from '../../src/journal/record.ts';
import { type ModelArtifact } from '../../src/scoring/artifact.ts';
import { simulationOf } from '../../src/simulation/scale.ts';
import { createSimulation } from '../../src/simulation/simulation.ts';
import { createFold } from '../../src/usecases/fold.ts';
import { championOf, loadArtifact, policyOf } from '../../src/usecases/load-champion.ts';
import { createRecordLabel } from '../../src/usecases/record-label.ts';
import { createScoreTransaction } from '../../src/usecases/score-transaction.ts';
import { type Arms, createJournalHistory, historyOfDataset } from '../../src/usecases/simulate-experiment.ts';
import { keptDirectory } from '../support/directories.ts';
import { aPolicy, sha256 } from '../support/policies.ts';
import { trainQuickModel } from '../support/services.ts';

const scratch = keptDirectory();
const SCORES = { approve: 0, review: 0.5, block: 1 } as const;
const PAYMENTS = [...createSimulation(simulationOf({ transactions: 600, users: 60, fraudShare: 0.15, seed: 11 }))];
const armOf = (userId: string) => hashedArm('test', userId, 0.5);
const everything = { armOf, fromMs: -Infinity };

let artifact: ModelArtifact;
let arms: Arms;
let records: readonly JournalRecord[];

beforeAll(async () => {
  artifact = await loadArtifact(createFileModelRegistry(scratch, systemClock), await trainQuickModel(scratch));
  const arm = { artifact, policy: policyOf(artifact, sha256) };
  arms = { champion: arm, challenger: arm };
  records = await recordsOfService();
});

/** The same payments and labels through the service, each at its time. */
async function recordsOfService(): Promise<readonly JournalRecord[]> {
  let nowMs = 0;
  const journal = createMemoryJournal();
  const engine = createFeatureEngine(artifact.featureSettings);
  const fold = createFold(engine);
  const champion = championOf(artifact, policyOf(artifact, sha256), engine.catalogue);
  const deps = { fold, journal, clock: { nowMs: () => nowMs, monotonicUs: () => 0 }, telemetry: silentTelemetry };
  const score = createScoreTransaction({ ...deps, champion: () => champion, newId: () => 'new', deadlineMs: 50 });
  const label = createRecordLabel(deps);
  for (const event of replayOrder(PAYMENTS, artifact.featureSettings.labelDelayMs)) {
    if (event.type === 'payment') {
      const { transaction } = event.payment;
      nowMs = transaction.eventTimeMs;
      await score({ transaction, requestHash: sha256(transaction.transactionId).slice(0, 32) });
    } else {
      nowMs = Math.max(nowMs, event.label.arrivalMs);
      await label(event.label);
    }
  }
  const all: JournalRecord[] = [];
  for await (const batch of journal.read(1)) all.push(...batch);
  return all;
}

async function* batches(): AsyncGenerator<readonly ReplayEvent[]> {
  yield [...replayOrder(PAYMENTS, artifact.featureSettings.labelDelayMs)];
  await Promise.resolve();
}

const isDecision = (record: JournalRecord): record is DecisionRecord => record.type === 'decision';

describe('an experiment on the journal', () => {
  it('decides every payment as the service did under the same model and policy', () => {
    const history = createJournalHistory(arms, everything);
    records.forEach(history.take);
    const endMs = records.at(-1)!.arrivalMs;
    const labels = new Map(records.flatMap((record) => (record.type === 'label' ? [[record.label.transactionId, record.label.isFraud]] : []))); // prettier-ignore
    const old = records.filter(isDecision).filter(({ arrivalMs }) => arrivalMs <= endMs - artifact.featureSettings.labelDelayMs); // prettier-ignore
    const known = old.filter(({ outcome, transaction }) => outcome !== 'block' || labels.has(transaction.transactionId)); // prettier-ignore
    const { payments, leftOut, arrivalsMs } = history.finish();
    expect(payments.map((payment) => ({ score: payment[armOf(payment.userId)], isFraud: payment.isFraud }))).toEqual(
      known.map(({ outcome, transaction }) => ({ score: SCORES[outcome], isFraud: labels.get(transaction.transactionId) === true })), // prettier-ignore
    );
    expect(arrivalsMs).toEqual(known.map(({ arrivalMs }) => arrivalMs));
    expect(leftOut).toEqual({ immature: records.filter(isDecision).length - old.length, blocked: old.length - known.length }); // prettier-ignore
    expect(payments.some(({ isFraud }) => isFraud)).toBe(true);
    expect(new Set(payments.map((payment) => payment[armOf(payment.userId)])).size).toBeGreaterThan(1);
  });

  it('folds what came before the time asked for, and counts it not', () => {
    const fromMs = records[0]!.arrivalMs + 5 * DAY_MS;
    const [all, late] = [createJournalHistory(arms, everything), createJournalHistory(arms, { armOf, fromMs })];
    for (const record of records) [all, late].forEach(({ take }) => take(record));
    const whole = all.finish();
    const first = whole.arrivalsMs.findIndex((arrivalMs) => arrivalMs >= fromMs);
    expect(first).toBeGreaterThan(0);
    expect(late.finish().payments).toEqual(whole.payments.slice(first));
  });
});

describe('an experiment on a data set', () => {
  it('gives each user’s payments the outcome of their own arm, rules included', async () => {
    const strict = aPolicy({ rules: [{ id: 'all', when: 'amount > 0', outcome: 'block', reason: 'Everything.' }] });
    const other = { ...arms, challenger: { artifact, policy: strict } };
    const { payments, leftOut } = await historyOfDataset(batches(), other, {
      ...everything,
      rates: DEFAULT_RATES,
      onPayments: () => undefined,
    });
    expect(payments.map(({ userId }) => userId)).toEqual(PAYMENTS.map(({ transaction }) => transaction.userId));
    expect(payments.map(({ isFraud }) => isFraud)).toEqual(PAYMENTS.map(({ label }) => label?.isFraud === true));
    expect(leftOut).toEqual({ immature: 0, blocked: 0 });
    for (const { userId, champion, challenger } of payments) {
      expect(armOf(userId) === 'challenger' ? [champion, challenger] : [challenger]).toEqual(
        armOf(userId) === 'challenger' ? [NaN, 1] : [NaN],
      );
    }
    expect(payments.some(({ champion }) => champion === 0)).toBe(true);
  });

  it('replays features apart for an arm that reads others, and changes nothing for the first', async () => {
    const otherScratch = `${scratch}/exact`;
    const version = await trainQuickModel(otherScratch, { merchantWindows: 'exact' });
    const exact = await loadArtifact(createFileModelRegistry(otherScratch, systemClock), version);
    const mixed = { ...arms, challenger: { artifact: exact, policy: policyOf(exact, sha256) } };
    const options = { ...everything, rates: DEFAULT_RATES, onPayments: () => undefined };
    const [together, apart] = [await historyOfDataset(batches(), arms, options), await historyOfDataset(batches(), mixed, options)]; // prettier-ignore
    expect(apart.arrivalsMs).toEqual(together.arrivalsMs);
    expect(apart.payments.map(({ champion }) => champion)).toEqual(together.payments.map(({ champion }) => champion));
  });
});
