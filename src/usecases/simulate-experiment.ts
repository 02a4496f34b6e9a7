/** Two ways to decide, on the same history, as if users had been split between them: models, policies, or both. */
import { createDecider } from '../decisions/decide.ts';
import { type Policy } from '../decisions/policy.ts';
import { type KnownLabel } from '../domain/labelled-transaction.ts';
import { type Label, labelInForce } from '../domain/label.ts';
import { decimalsOf, type RateTable } from '../domain/money.ts';
import { type Outcome } from '../domain/outcome.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { type Arm } from '../experiments/assignment.ts';
import { type SimulatedPayment } from '../experiments/experiment.ts';
import { type Catalogue, catalogueFor } from '../features/catalogue.ts';
import { createFeatureEngine, type FeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type ReviewAndBlock } from '../metrics/money.ts';
import { type ModelArtifact, scorerOf } from '../scoring/artifact.ts';
import { createFold } from './fold.ts';
import { requireSameBase } from './in-force.ts';
import { createDatasetReplay } from './replay-dataset.ts';

export interface ArmChoice {
  readonly artifact: ModelArtifact;
  readonly policy: Policy;
}

export type Arms = Readonly<Record<Arm, ArmChoice>>;

/** Rules and lists decide beyond the score, so an experiment is told outcomes: as scores, with these thresholds. */
const OUTCOME_SCORES: Readonly<Record<Outcome, number>> = { approve: 0, review: 0.5, block: 1 };
export const OUTCOME_THRESHOLDS: ReviewAndBlock = { review: OUTCOME_SCORES.review, block: OUTCOME_SCORES.block };

export interface ExperimentHistory {
  /** In order of arrival; an arm that a payment is not in has NaN. */
  readonly payments: readonly SimulatedPayment[];
  /** Arrivals of the payments, epoch milliseconds. */
  readonly arrivalsMs: readonly number[];
  /** Payments left out: younger than the label delay, or blocked when they were decided and never labelled. */
  readonly leftOut: Readonly<{ immature: number; blocked: number }>;
}

export interface HistoryOptions {
  readonly armOf: (userId: string) => Arm;
  /** Payments before are history only. */
  readonly fromMs: number;
}

/** The outcome of one arm on a payment, as a score. */
type Decide = (arrival: Arrival, vector: Float64Array) => number;

function deciderOf({ artifact, policy }: ArmChoice, { features }: Catalogue): Decide {
  const scorer = scorerOf(artifact);
  const decider = createDecider(policy, features);
  return ({ transaction, amountBaseMinor, arrivalMs }, vector) => {
    const { probability } = scorer.score(vector);
    return OUTCOME_SCORES[decider.decide({ transaction, amountBaseMinor, arrivalMs, vector, probability }).outcome];
  };
}

/** One engine for arms that read the same features, else one each. */
function enginesOf(arms: Arms): {
  readonly engines: readonly FeatureEngine[];
  readonly of: Readonly<Record<Arm, number>>;
} {
  const settings: readonly FeatureSettings[] = [arms.champion, arms.challenger].map(({ artifact }) => artifact.featureSettings); // prettier-ignore
  const isShared = JSON.stringify(settings[0]) === JSON.stringify(settings[1]);
  const engines = settings.slice(0, isShared ? 1 : 2).map((each) => createFeatureEngine(each));
  return { engines, of: { champion: 0, challenger: engines.length - 1 } };
}

const decidersOf = (arms: Arms): Readonly<Record<Arm, Decide>> => ({
  champion: deciderOf(arms.champion, catalogueFor(arms.champion.artifact.featureSettings)),
  challenger: deciderOf(arms.challenger, catalogueFor(arms.challenger.artifact.featureSettings)),
});

function simulated(arrival: Arrival, arm: Arm, score: number, isFraud: boolean, rates: RateTable): SimulatedPayment {
  const amount = arrival.amountBaseMinor / 10 ** decimalsOf(rates.base);
  const { userId } = arrival.transaction;
  return { userId, isFraud, amount, champion: NaN, challenger: NaN, [arm]: score };
}

/** A data set as history; payments without a label in it count as genuine. Features see payments as approved. */
export async function historyOfDataset(
  batches: AsyncIterable<readonly ReplayEvent[]>,
  arms: Arms,
  options: HistoryOptions & { readonly rates: RateTable; readonly onPayments: (payments: number) => void },
): Promise<ExperimentHistory> {
  const { engines, of } = enginesOf(arms);
  const decide = decidersOf(arms);
  const payments: SimulatedPayment[] = [];
  const arrivalsMs: number[] = [];
  let replayed = 0;
  const replays = engines.map((engine, index) =>
    createDatasetReplay(engine, options.rates, (arrival: Arrival, vector: Float64Array, label?: KnownLabel) => {
      if (index === 0) replayed++;
      const arm = options.armOf(arrival.transaction.userId);
      if (of[arm] !== index || arrival.arrivalMs < options.fromMs) return;
      payments.push(simulated(arrival, arm, decide[arm](arrival, vector), label?.isFraud === true, options.rates));
      arrivalsMs.push(arrival.arrivalMs);
    }),
  );
  for await (const batch of batches) {
    for (const event of batch) for (const replay of replays) replay(event);
    options.onPayments(replayed);
  }
  return { payments, arrivalsMs, leftOut: { immature: 0, blocked: 0 } };
}

/**
 * What a journal has recorded as history: payments with the labels in force at its end, those without by silence. Taking a
 * record throws POLICY_INVALID where its amounts are in another base currency than the arms reckon in.
 */
export function createJournalHistory(
  arms: Arms,
  options: HistoryOptions,
): { take(record: JournalRecord): void; finish(): ExperimentHistory } {
  const { engines, of } = enginesOf(arms);
  const folds = engines.map(createFold);
  const vectors = engines.map(({ catalogue }) => new Float64Array(catalogue.features.length));
  const decide = decidersOf(arms);
  const labels = new Map<string, Label>();
  const decided: { readonly id: string; readonly arrivalMs: number; readonly wasBlocked: boolean; readonly payment: SimulatedPayment }[] = []; // prettier-ignore
  let endMs = 0;
  return {
    take(record) {
      endMs = record.arrivalMs;
      if (record.type === 'change' && record.subject === 'policy') requireSameBase(record.version, arms.champion);
      if (record.type === 'label') {
        labels.set(record.label.transactionId, labelInForce(labels.get(record.label.transactionId), record.label));
      }
      if (record.type === 'decision' && record.arrivalMs >= options.fromMs) {
        const { transactionId: id, userId } = record.transaction;
        const arm = options.armOf(userId);
        const vector = vectors[of[arm]]!;
        engines[of[arm]]!.read(record, vector);
        const payment = simulated(record, arm, decide[arm](record, vector), false, arms[arm].policy.rates);
        decided.push({ id, arrivalMs: record.arrivalMs, wasBlocked: record.outcome === 'block', payment });
      }
      for (const fold of folds) fold.apply(record);
    },
    finish() {
      const delayMs = arms.champion.artifact.featureSettings.labelDelayMs;
      const [payments, arrivalsMs]: [SimulatedPayment[], number[]] = [[], []];
      const leftOut = { immature: 0, blocked: 0 };
      for (const { id, arrivalMs, wasBlocked, payment } of decided) {
        const label = labels.get(id);
        // Young frauds are known sooner than young genuine payments: to keep them alone would make fraud look common.
        if (arrivalMs > endMs - delayMs) leftOut.immature++;
        else if (label === undefined && wasBlocked) leftOut.blocked++;
        else {
          payments.push({ ...payment, isFraud: label?.isFraud === true });
          arrivalsMs.push(arrivalMs);
        }
      }
      return { payments, arrivalsMs, leftOut };
    },
  };
}
