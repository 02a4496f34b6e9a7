import { describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { createMemoryLedgerStore } from '../../src/adapters/memory/ledger-store.ts';
import { type Label, type LabelSource } from '../../src/domain/label.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { getCatalogue } from '../../src/features/catalogue.ts';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { createExplainDecision, type ExplainedDecision } from '../../src/usecases/explain-decision.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { aTransaction, NOON_MS } from '../support/transactions.ts';
import { batchOf } from '../support/ledger-batches.ts';

const SENTINEL = getCatalogue('sentinel');
const HANDBOOK = getCatalogue('handbook');

function decided(transactionId: string, eventTimeMs: number, arrivalMs = eventTimeMs): DecisionRecord {
  const versions = { ...aDecisionRecord().versions, catalogue: SENTINEL.hash };
  return aDecisionRecord({ arrivalMs, versions, transaction: aTransaction({ transactionId, eventTimeMs }) });
}

async function explained(
  transactionId: string,
  decisions: readonly DecisionRecord[],
  asked: string[] = [],
  isPastWhole = true,
): Promise<ExplainedDecision> {
  const journal = createMemoryJournal();
  const ledger = createMemoryLedgerStore();
  const { entityPayments } = ledger;
  ledger.entityPayments = (kind, id, range) => {
    asked.push(kind);
    return entityPayments(kind, id, range);
  };
  for (const decision of decisions) await ledger.project(batchOf([journal.append<DecisionRecord>(decision).record]));
  const explain = createExplainDecision({
    findDecision: journal.findDecision,
    ledger,
    catalogues: [SENTINEL, HANDBOOK],
    scorerOf: () => Promise.resolve(undefined),
    isPastWhole: () => isPastWhole,
  });
  return explain(transactionId);
}

function behind({ evidence }: ExplainedDecision, windowMs: number): string[] {
  const found = evidence.find((each) => each.entity === 'user' && each.windowMs === windowMs)!;
  return found.payments.map((row) => row.transaction.transactionId);
}

describe('createExplainDecision', () => {
  it('shows the earlier payments of each window, newest first', async () => {
    const answer = await explained('now', [
      decided('yesterday', NOON_MS - DAY_MS - 1),
      decided('this morning', NOON_MS - 3 * HOUR_MS),
      decided('now', NOON_MS),
      decided('later', NOON_MS + 1),
    ]);
    expect(behind(answer, DAY_MS)).toEqual(['this morning']);
    expect(behind(answer, 7 * DAY_MS)).toEqual(['this morning', 'yesterday']);
    expect(answer.evidenceComplete).toBe(true);
  });

  it('says that evidence may be missing while the ledger has not caught up', async () => {
    expect((await explained('now', [decided('now', NOON_MS)], [], false)).evidenceComplete).toBe(false);
  });

  it('asks for the payments of each entity once, and says of each window whether it holds more than are shown', async () => {
    const earlier = Array.from({ length: 260 }, (_, i) => decided(`t${i}`, NOON_MS - 1 - i * 10 * MINUTE_MS));
    const asked: string[] = [];
    const answer = await explained('now', [...earlier.reverse(), decided('now', NOON_MS)], asked);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked).size).toBe(asked.length);
    const ofUser = answer.evidence.filter(({ entity }) => entity === 'user');
    const shown = ofUser.map(({ windowMs, payments, truncated }) => [windowMs, payments.length, truncated]);
    expect(shown).toContainEqual([HOUR_MS, 6, false]);
    expect(shown).toContainEqual([DAY_MS, 144, false]);
    expect(shown).toContainEqual([7 * DAY_MS, 200, true]);
  });

  it('names features as the catalogue does by which the payment was decided, or by their place', async () => {
    const explainedBy = (catalogue: string, size: number): Promise<ExplainedDecision> => {
      const numbers = Float64Array.from({ length: size }, (_, i) => i + 0.5);
      const decision = decided('now', NOON_MS);
      return explained('now', [
        { ...decision, versions: { ...decision.versions, catalogue }, vector: numbers, contributions: numbers },
      ]);
    };
    const known = await explainedBy(HANDBOOK.hash, HANDBOOK.features.length);
    expect(known.contributions.map(({ feature }) => feature)).toEqual(HANDBOOK.features.map(({ name }) => name));
    const names = new Set(HANDBOOK.features.map(({ name }) => name));
    expect(known.evidence.flatMap(({ features }) => features).filter((name) => !names.has(name))).toEqual([]);
    const unknown = await explainedBy('unknown', 2);
    expect(unknown.contributions).toEqual([
      { feature: 'feature_1', value: 0.5, contribution: 0.5, isCategory: false },
      { feature: 'feature_2', value: 1.5, contribution: 1.5, isCategory: false },
    ]);
    expect(unknown.evidence).toEqual([]);
  });

  it('counts the windows of a late payment back from the time it was scored at', async () => {
    const scoredAtMs = NOON_MS - DAY_MS; // the lateness bound before its arrival
    const answer = await explained('late', [
      decided('before its event', NOON_MS - 5 * DAY_MS),
      decided('between', scoredAtMs - HOUR_MS),
      decided('late', NOON_MS - 4 * DAY_MS, NOON_MS),
    ]);
    expect(behind(answer, DAY_MS)).toEqual(['between']);
  });

  it('tells each label once, also one that waited for the payment and was recorded again with it', async () => {
    const journal = createMemoryJournal();
    const ledger = createMemoryLedgerStore();
    const label = (minute: number, source: LabelSource, isFraud: boolean): Label => ({
      transactionId: 'now',
      isFraud,
      source,
      arrivalMs: NOON_MS + minute * MINUTE_MS,
    });
    const overtaken = label(-3, 'customer', true);
    const waited = label(-2, 'customer', true);
    const late = label(1, 'customer', false);
    const record = (told: Label, arrivalMs = told.arrivalMs) => ({ type: 'label', arrivalMs, label: told }) as const;
    for (const each of [
      record(overtaken),
      record(waited),
      decided('now', NOON_MS),
      record(waited, NOON_MS),
      record(late),
      record(late),
    ]) {
      await ledger.project(batchOf([journal.append(each).record]));
    }
    const explain = createExplainDecision({
      findDecision: journal.findDecision,
      ledger,
      catalogues: [SENTINEL],
      scorerOf: () => Promise.resolve(undefined),
      isPastWhole: () => true,
    });
    const { labels } = await explain('now');
    expect(labels.map(({ arrivalMs, inForce }) => [arrivalMs, inForce])).toEqual([
      [overtaken.arrivalMs, false],
      [waited.arrivalMs, false],
      [late.arrivalMs, false],
      [late.arrivalMs, true],
    ]);
  });
});
