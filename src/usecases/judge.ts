/** What is decided about a payment whose profiles can be read, and the record that says so. */
import { type DecisionVerdict, type Decider } from '../decisions/decide.ts';
import { type Policy } from '../decisions/policy.ts';
import { type Arrival, type Transaction } from '../domain/transaction.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { sentence } from '../features/sentences.ts';
import { type DecisionRecord, type MessagePlace, type PinnedVersions, type Unplaced } from '../journal/record.ts';
import { type Clock } from '../ports/clock.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type ExplanationPolicy } from '../scoring/artifact.ts';
import { strongest } from '../scoring/reasons.ts';
import { type Score, type Scorer } from '../scoring/score.ts';

/** What decides at one moment; replaced as a whole when a model or a policy is promoted. */
export interface Champion {
  readonly scorer: Scorer;
  readonly explanations: ExplanationPolicy;
  readonly policy: Policy;
  readonly decider: Decider;
  /** What the vectors mean. */
  readonly catalogue: Catalogue;
}

/** What is decided about. */
type Judged = Pick<DecisionRecord, 'transaction' | 'amountBaseMinor' | 'arrivalMs'>;

type Judgement = Pick<
  DecisionRecord,
  | 'margin'
  | 'probability'
  | 'baseMargin'
  | 'reasons'
  | 'rules'
  | 'outcome'
  | 'riskLevel'
  | 'vector'
  | 'contributions'
  | 'fallbackCause'
>;

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** Scores a vector and decides; the same call serves live payments and the proof that a record can be reproduced. */
export function judge(vector: Float64Array, champion: Champion, payment: Judged): Judgement {
  const { scorer, decider, explanations } = champion;
  const score = scorer.score(vector);
  const verdict: DecisionVerdict = decider.decide({
    transaction: payment.transaction,
    amountBaseMinor: payment.amountBaseMinor,
    arrivalMs: payment.arrivalMs,
    vector,
    probability: score.probability,
  });
  if (explanations === 'always' || verdict.outcome !== 'approve') scorer.explain(vector, score);
  const { contributions } = score;
  const judgement: Writable<Judgement> = {
    vector,
    margin: score.margin,
    probability: score.probability,
    baseMargin: score.baseMargin,
    reasons: reasonsOf(vector, score, champion, payment.transaction),
    rules: verdict.rules,
    outcome: verdict.outcome,
    riskLevel: verdict.riskLevel,
  };
  if (contributions !== undefined) judgement.contributions = contributions;
  return judgement;
}

function reasonsOf(
  vector: Float64Array,
  { contributions }: Score,
  { catalogue, policy }: Champion,
  transaction: Transaction,
): DecisionRecord['reasons'] {
  if (contributions === undefined) return [];
  return strongest(contributions).map((feature) => ({
    feature,
    text: sentence(feature, vector, catalogue, transaction, policy.rates.base),
  }));
}

function fallback(decider: Decider, payment: Judged, cause: string, vector: Float64Array | undefined): Judgement {
  const { outcome, riskLevel, rules } = decider.fallback(payment);
  return {
    margin: 0,
    probability: 0,
    baseMargin: 0,
    reasons: [],
    rules,
    outcome,
    riskLevel,
    fallbackCause: cause,
    ...(vector !== undefined && { vector }),
  };
}

/** A payment at its place, and all that is to be said of it beside the decision. */
export interface Pending {
  readonly arrival: Arrival;
  readonly requestHash: string;
  readonly versions: PinnedVersions;
  /** Writes the payment's features as its profiles stand; true when it is read at the lateness bound. */
  readonly read: (arrival: Arrival, out: Float64Array) => boolean;
  /** Where the features go; the record keeps it. */
  readonly vector: Float64Array;
  readonly message?: MessagePlace | undefined;
}

/** The versions in force now. */
export function versionsOf({ scorer, policy, catalogue }: Champion, tables: number): PinnedVersions {
  return {
    model: scorer.version,
    policy: policy.version,
    lists: policy.listsVersion,
    tables,
    catalogue: catalogue.hash,
  };
}

/** Decides; by the policy's fallback when that fails, or takes longer than `deadlineMs` from `startedUs` on. */
export function decideInTime(
  payment: Pending,
  champion: Champion,
  { clock, startedUs, deadlineMs }: { readonly clock: Clock; readonly startedUs: number; readonly deadlineMs: number },
): Unplaced<DecisionRecord> {
  const { arrival, vector } = payment;
  let late = false;
  let featuresUs = 0;
  let judgement: Judgement;
  try {
    late = payment.read(arrival, vector);
    featuresUs = clock.monotonicUs() - startedUs;
    judgement = judge(vector, champion, arrival);
    if (clock.monotonicUs() - startedUs > deadlineMs * 1_000) {
      judgement = fallback(champion.decider, arrival, 'deadline', vector);
    }
  } catch (error) {
    judgement = fallback(champion.decider, arrival, error instanceof Error ? error.message : 'unknown', undefined);
  }
  const totalUs = clock.monotonicUs() - startedUs;
  return decisionRecord(payment, judgement, late, { featuresUs, scoreUs: totalUs - featuresUs, totalUs });
}

/** Decides however long it takes; throws when it cannot be done. */
export function decideAgain(payment: Pending, champion: Champion, clock: Clock): Unplaced<DecisionRecord> {
  const startedUs = clock.monotonicUs();
  const late = payment.read(payment.arrival, payment.vector);
  const featuresUs = clock.monotonicUs() - startedUs;
  const judgement = judge(payment.vector, champion, payment.arrival);
  const totalUs = clock.monotonicUs() - startedUs;
  return decisionRecord(payment, judgement, late, { featuresUs, scoreUs: totalUs - featuresUs, totalUs });
}

/** Field by field: V8 copies an object into another in a microsecond. */
function decisionRecord(
  { arrival, requestHash, versions, message }: Pending,
  judgement: Judgement,
  late: boolean,
  durations: DecisionRecord['durations'],
): Unplaced<DecisionRecord> {
  const { vector, contributions, fallbackCause } = judgement;
  const record: Writable<Unplaced<DecisionRecord>> = {
    type: 'decision',
    arrivalMs: arrival.arrivalMs,
    transaction: arrival.transaction,
    amountBaseMinor: arrival.amountBaseMinor,
    requestHash,
    versions,
    margin: judgement.margin,
    probability: judgement.probability,
    baseMargin: judgement.baseMargin,
    reasons: judgement.reasons,
    rules: judgement.rules,
    outcome: judgement.outcome,
    riskLevel: judgement.riskLevel,
    late,
    durations,
  };
  if (vector !== undefined) record.vector = vector;
  if (contributions !== undefined) record.contributions = contributions;
  if (fallbackCause !== undefined) record.fallbackCause = fallbackCause;
  if (message !== undefined) record.message = message;
  return record;
}

/** Tells what became of a payment newly decided. */
export function report(telemetry: Telemetry, record: Unplaced<DecisionRecord>): void {
  const { fallbackCause } = record;
  telemetry.decision(record.outcome, fallbackCause === undefined ? record.probability : undefined, record.durations);
  if (record.late) telemetry.late();
  if (fallbackCause !== undefined) telemetry.fallback(fallbackCause);
}
