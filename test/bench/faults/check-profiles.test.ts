import { describe, expect, it } from 'vitest';
import { checkProfiles } from '../../../bench/faults/checks/check-profiles.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { blockedEvent } from '../../../src/features/entity-event.ts';
import { createFeatureEngine, type FeatureSettings } from '../../../src/features/engine.ts';
import { effectiveTimeMs } from '../../../src/features/event-time.ts';
import { createReplica, entityKey } from '../../../src/features/replica.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { createFold } from '../../../src/usecases/fold.ts';
import { aDecisionRecord } from '../../support/journal-records.ts';
import { createSharedHistories } from '../../support/shared-histories.ts';
import { aTransaction, NOON_MS } from '../../support/transactions.ts';

const SETTINGS: FeatureSettings = {
  catalogue: 'sentinel',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
};

const paid = (seq: number, outcome: DecisionRecord['outcome'], eventTimeMs = NOON_MS): DecisionRecord => {
  const transaction = aTransaction({ transactionId: `t${seq}`, userId: 'u1', merchantId: 'm1', eventTimeMs });
  return aDecisionRecord({ seq, arrivalMs: eventTimeMs, outcome, transaction });
};

/** A shared store that took the decisions, all but those left out, and heard of a block after everything else. */
function histories(decisions: readonly DecisionRecord[], leftOut = 0): Map<string, Uint8Array> {
  const shared = createSharedHistories();
  const replica = createReplica(SETTINGS);
  const taken = decisions.filter(({ seq }) => seq !== leftOut);
  for (const decision of taken) {
    for (const { key, event } of replica.partsOf(decision)) shared.append(key, decision.seq, decision.arrivalMs, event);
  }
  for (const decision of taken.filter(({ outcome }) => outcome === 'block')) {
    const event = blockedEvent(effectiveTimeMs(decision));
    for (const { key } of replica.partsOf(decision)) shared.append(key, decision.seq, decision.arrivalMs, event);
  }
  return new Map(shared.keys().map((key) => [Buffer.from(key).toString('hex'), shared.piece({ key, knownTo: -1 })]));
}

function check(decisions: readonly DecisionRecord[], kept: ReadonlyMap<string, Uint8Array>): object {
  const fold = createFold(createFeatureEngine(SETTINGS));
  for (const decision of decisions) fold.apply(decision);
  return checkProfiles(kept, fold, SETTINGS, decisions);
}

describe('the comparison of profiles', () => {
  const decisions = [paid(1, 'approve'), paid(2, 'block'), paid(3, 'approve'), paid(4, 'approve', NOON_MS + 1)];
  const nothing = { lost: 0, duplicated: 0, differing: 0 };

  it('finds none other, though one of several payments of a millisecond was blocked later than replayed', () => {
    expect(check(decisions, histories(decisions))).toMatchObject({ ...nothing, examples: [] });
  });

  it('finds a payment that a history lacks, and a block nobody told it', () => {
    for (const wrong of [histories(decisions, 1), histories([paid(1, 'block'), ...decisions.slice(1)])]) {
      const { differing } = check(decisions, wrong) as { differing: number };
      expect(differing).toBeGreaterThan(0);
    }
  });

  it('finds a history that is missing and one of nobody', () => {
    const kept = histories(decisions);
    kept.delete(Buffer.from(entityKey('merchant', 'm1')).toString('hex'));
    kept.set('00'.repeat(16), kept.values().next().value!);
    expect(check(decisions, kept)).toMatchObject({ lost: 1, differing: 1 });
  });
});
