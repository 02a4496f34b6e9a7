/** A champion and a challenger on the same history, as if users had been split between them. */
import { type Costs, DEFAULT_COSTS } from '../domain/costs.ts';
import { bootstrapSamples, percentileInterval } from '../metrics/bootstrap.ts';
import { type Confusion, confusionAt, precision } from '../metrics/confusion.ts';
import { moneySaved, type ReviewAndBlock } from '../metrics/money.ts';
import { type Arm, armOf } from './assignment.ts';
import {
  type ABTestOptions,
  requireOptions,
  requirePayment,
  requireWhole,
  type SimulatedPayment,
} from './experiment.ts';
import { clusteredProportion } from './proportion.ts';
import { compareProportions, type Difference } from './significance.ts';

/** What one arm did to its users' payments; flagged means reviewed or blocked. */
export interface ArmMetrics {
  readonly users: number;
  readonly payments: number;
  readonly frauds: number;
  readonly confusion: Confusion;
  readonly recall: number;
  readonly precision: number;
  readonly falsePositiveRate: number;
  /** Loss without any system less loss with this arm, major units a payment. */
  readonly savedPerPayment: number;
}

/** Challenger less champion, with variances by user, whose payments come together. */
interface RateDifferences {
  readonly recall: Difference;
  readonly falsePositiveRate: Difference;
}

export interface ABTestResult {
  readonly arms: Readonly<Record<Arm, ArmMetrics>>;
  /** Challenger less champion. */
  readonly differences: RateDifferences & {
    /** By resampling users, whose payments come together; no interval where an arm has one user only. */
    readonly savedPerPayment: Readonly<{ difference: number; low: number; high: number }>;
  };
  /** By the interval of savedPerPayment at the end: `undecided` when it holds 0. */
  readonly winner: Arm | 'undecided';
}

/** What an experiment knew when so many of its payments had been decided and their labels were in. */
export interface Look extends RateDifferences {
  readonly payments: number;
}

const DEFAULTS = { challengerShare: 0.5, costs: DEFAULT_COSTS, confidence: 0.95, replicates: 500, seed: 1, expectedDifference: 0.02 }; // prettier-ignore

/** How many payments each user has, and how many of them were flagged. */
type FlagsByUser = Map<string, { successes: number; trials: number }>;

interface ArmFlags {
  readonly frauds: FlagsByUser;
  readonly genuine: FlagsByUser;
}

const noFlags = (): Record<Arm, ArmFlags> => ({
  champion: { frauds: new Map(), genuine: new Map() },
  challenger: { frauds: new Map(), genuine: new Map() },
});

function countFlag({ frauds, genuine }: ArmFlags, { userId, isFraud }: SimulatedPayment, isFlagged: boolean): void {
  const users = isFraud ? frauds : genuine;
  const counted = users.get(userId) ?? { successes: 0, trials: 0 };
  users.set(userId, counted);
  counted.trials++;
  counted.successes += Number(isFlagged);
}

/** The payments of one arm as columns. */
interface ArmSample {
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
  readonly amounts: Float64Array;
  readonly clusters: Uint32Array;
  readonly users: number;
}

/**
 * Splits the users of a history, lets each arm decide its own, and measures the difference. Users are what is split, so
 * variances are those between users: frauds of one user that come together are not counted as so many facts. Money
 * decides, by resampling users. Looking more than once makes `pValue` wrong: then go by `alwaysValidPValue`.
 */
export class ABTestSimulation {
  readonly #options: Required<ABTestOptions>;

  /** Throws RangeError that names the option for what there is none of. */
  constructor(options: ABTestOptions) {
    this.#options = { ...DEFAULTS, ...options };
    requireOptions(this.#options);
  }

  /** The arm a user is in. */
  armOf(userId: string): Arm {
    return armOf(this.#options.experiment, userId, this.#options.challengerShare);
  }

  /**
   * The same experiment looked at `count` times, after equal numbers of payments; they must be in order of time. Rates
   * alone: their `alwaysValidPValue` may be acted on at any look. RangeError for a payment that cannot be.
   */
  looks(payments: readonly SimulatedPayment[], count: number): readonly Look[] {
    requireWhole('count of looks', count, 1);
    const flags = noFlags();
    const looks: Look[] = [];
    payments.forEach((payment, index) => {
      this.#count(flags, payment);
      const seen = index + 1;
      if (seen < Math.ceil(((looks.length + 1) * payments.length) / count)) return;
      looks.push({ payments: seen, ...this.#compare(flags) });
    });
    return looks;
  }

  #count(flags: Record<Arm, ArmFlags>, payment: SimulatedPayment): void {
    const arm = this.armOf(payment.userId);
    requirePayment(payment, arm);
    countFlag(flags[arm], payment, payment[arm] >= this.#options.thresholds[arm].review);
  }

  #compare({ champion, challenger }: Record<Arm, ArmFlags>): RateDifferences {
    const { confidence, expectedDifference } = this.#options;
    const compared = (one: FlagsByUser, other: FlagsByUser): Difference =>
      compareProportions(clusteredProportion(one.values()), clusteredProportion(other.values()), confidence, expectedDifference); // prettier-ignore
    return {
      recall: compared(champion.frauds, challenger.frauds),
      falsePositiveRate: compared(champion.genuine, challenger.genuine),
    };
  }

  /** RangeError when an arm has no payments, and for a payment that cannot be. */
  run(payments: Iterable<SimulatedPayment>): ABTestResult {
    const { thresholds, costs, confidence, replicates, seed } = this.#options;
    const dealt: Record<Arm, SimulatedPayment[]> = { champion: [], challenger: [] };
    const flags = noFlags();
    for (const payment of payments) {
      dealt[this.armOf(payment.userId)].push(payment);
      this.#count(flags, payment);
    }
    const samples = { champion: sampleOf('champion', dealt.champion), challenger: sampleOf('challenger', dealt.challenger) }; // prettier-ignore
    const arms = {
      champion: metricsOf(samples.champion, thresholds.champion, costs),
      challenger: metricsOf(samples.challenger, thresholds.challenger, costs),
    };
    const resampled = (arm: Arm): readonly number[] =>
      bootstrapSamples(
        // Arms are resampled apart: their users are not the same.
        { rows: samples[arm].labels.length, clusters: samples[arm].clusters, replicates, seed: seed + (arm === 'champion' ? 0 : 1) },
        (weights) => [savedPerPayment(samples[arm], thresholds[arm], costs, weights)],
      )[0] ?? []; // prettier-ignore
    const [champion, challenger] = [resampled('champion'), resampled('challenger')];
    const differences = challenger.map((value, i) => value - champion[i]!);
    // Resamples of one user are all the same: an interval would be a point, and chance would name a winner.
    const isTold = differences.length > 0 && Math.min(arms.champion.users, arms.challenger.users) > 1;
    const { low, high } = isTold ? percentileInterval(differences, confidence) : { low: NaN, high: NaN };
    return {
      arms,
      differences: {
        ...this.#compare(flags),
        savedPerPayment: { difference: arms.challenger.savedPerPayment - arms.champion.savedPerPayment, low, high },
      },
      winner: low > 0 ? 'challenger' : high < 0 ? 'champion' : 'undecided',
    }; // prettier-ignore
  }
}

function sampleOf(arm: Arm, payments: readonly SimulatedPayment[]): ArmSample {
  if (payments.length === 0) throw new RangeError(`the ${arm} has no payments`);
  const users = new Map<string, number>();
  const clusters = Uint32Array.from(payments, ({ userId }) => {
    const number = users.get(userId) ?? users.size;
    users.set(userId, number);
    return number;
  });
  return {
    labels: Uint8Array.from(payments, ({ isFraud }) => Number(isFraud)),
    scores: Float64Array.from(payments, (payment) => payment[arm]),
    amounts: Float64Array.from(payments, ({ amount }) => amount),
    clusters,
    users: users.size,
  };
}

function savedPerPayment(sample: ArmSample, thresholds: ReviewAndBlock, costs: Costs, weights?: Float64Array): number {
  const payments = weights === undefined ? sample.labels.length : weights.reduce((sum, weight) => sum + weight, 0);
  return moneySaved(sample, thresholds, costs, weights) / payments;
}

function metricsOf(sample: ArmSample, thresholds: ReviewAndBlock, costs: Costs): ArmMetrics {
  const confusion = confusionAt(sample.labels, sample.scores, thresholds.review);
  const { truePositives, falseNegatives, falsePositives, trueNegatives } = confusion;
  return {
    users: sample.users,
    payments: sample.labels.length,
    frauds: truePositives + falseNegatives,
    confusion,
    recall: truePositives / (truePositives + falseNegatives),
    precision: precision(confusion),
    falsePositiveRate: falsePositives / (falsePositives + trueNegatives),
    savedPerPayment: savedPerPayment(sample, thresholds, costs),
  };
}
