/** The training pipeline as a library: labelled payments in, a tested model with its card out. */
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { createReplayOrder, type ReplayEvent } from '../datasets/replay-order.ts';
import { type Costs, DEFAULT_COSTS, requireCosts } from '../domain/costs.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type RateTable } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import { catalogueFor } from '../features/catalogue.ts';
import { type FeatureSettings, plainSettings } from '../features/settings.ts';
import { type ClassWeight, createWeightedLearner } from '../learners/class-weights.ts';
import { createLearner, type LearnerName } from '../learners/defaults.ts';
import { type Learner } from '../learners/protocol.ts';
import { type Clock } from '../ports/clock.ts';
import { type ModelArtifact, scorerOf } from '../scoring/artifact.ts';
import { type Scorer } from '../scoring/score.ts';
import { type ModelCard } from '../training/model-card/card.ts';
import { type Evaluation } from '../training/evaluate.ts';
import { type ScoredSample } from '../training/metric-table.ts';
import { type TrainingStage } from '../training/pipeline.ts';
import { requireRule, type ThresholdRule } from '../training/thresholds.ts';
import { requirePlan, type ValidationPlan } from '../training/validation.ts';
import { buildTrainingTable, type DatasetTable } from './build-training-table.ts';
import { createPaymentCheck } from './check-payments.ts';
import { evaluateModel } from './evaluate-model.ts';
import { makeModel } from './train-model.ts';

export interface TrainingPipelineOptions {
  /** Names of Sentinel's learners, or learners of your own; logistic, leaf-wise and symmetric when absent. */
  readonly learners?: readonly (LearnerName | Learner)[];
  /** Weight of a fraud while learning; 1 when absent. */
  readonly classWeight?: ClassWeight;
  /** How features are computed; Sentinel's catalogue with labels known after 7 days when absent. */
  readonly features?: Partial<FeatureSettings>;
  readonly rates?: RateTable;
  readonly costs?: Costs;
  /** Least cost, blocking only what is more likely fraud than not, when absent. */
  readonly thresholdRule?: ThresholdRule;
  /** Two growing windows of the training period when absent. */
  readonly validation?: ValidationPlan;
  /** Leave out the features that unseen payments of the training period are ranked as well without. */
  readonly selectFeatures?: boolean;
  /** A learner's name or `stack`, taken whatever it costs; the best within the budget when absent. */
  readonly champion?: string;
  /** Most microseconds a payment may cost in service, explanation included; 60 when absent. */
  readonly servingBudgetUs?: number;
  readonly seed?: number;
  /** Bootstrap resamples behind each interval; 200 when absent. */
  readonly replicates?: number;
  readonly onProgress?: (stage: TrainingStage, fraction: number) => void;
  /** The machine's when absent. */
  readonly clock?: Clock;
}

/** A model ready for service, with what was found out about it. */
export interface TrainedPipeline {
  readonly artifact: ModelArtifact;
  readonly card: ModelCard;
  /** Probability, margin and exact contributions of a feature vector. */
  readonly scorer: Scorer;
  /** What the registry would keep, by file name: the artifact, the card as JSON and as a page. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What the model said of the test period's payments. */
  readonly test: ScoredSample;
  /** Measures the model on other payments; `replay` starts from empty profiles. */
  evaluate(payments: Payments): Promise<Evaluation>;
}

/** Labelled payments in order of time, each id once, amounts in whole minor units; RangeError names one that is not so. */
export type Payments = Iterable<LabelledTransaction> | AsyncIterable<LabelledTransaction>;

const DEFAULT_LEARNERS: readonly LearnerName[] = ['logistic', 'leaf-wise', 'symmetric'];
const DEFAULT_FEATURES: FeatureSettings = { catalogue: 'sentinel', labelDelayMs: 7 * DAY_MS, utcOffsetMinutes: 0, merchantWindows: 'tiles' }; // prettier-ignore
const DEFAULT_RULE: ThresholdRule = { kind: 'cost-optimal', blockPrecision: 0.5 };
const DEFAULT_BUDGET_US = 60;
const DEFAULT_REPLICATES = 200;
const BATCH_EVENTS = 4_096;

const machineClock: Clock = { nowMs: () => Date.now(), monotonicUs: () => performance.now() * 1_000 };

/** Replays payments through the live feature functions, then fits, stacks, calibrates, sets thresholds and tests. */
export class TrainingPipeline {
  readonly #options: TrainingPipelineOptions;
  readonly #settings: FeatureSettings;
  readonly #rates: RateTable;
  readonly #learners: readonly Learner[];

  /** Throws RangeError that names the option for what there is none of, before anything is computed. */
  constructor(options: TrainingPipelineOptions = {}) {
    const { classWeight = 1 } = options;
    this.#options = options;
    this.#settings = plainSettings({ ...DEFAULT_FEATURES, ...options.features });
    this.#rates = options.rates ?? DEFAULT_RATES;
    this.#learners = (options.learners ?? DEFAULT_LEARNERS).map((given) => {
      const learner = typeof given === 'string' ? createLearner(given) : given;
      return classWeight === 1 ? learner : createWeightedLearner(learner, classWeight);
    });
    requireSensible(options, this.#learners);
  }

  /** The features of every payment as they stood at its time. */
  table(payments: Payments): Promise<DatasetTable> {
    const events = inBatches(payments, this.#settings.labelDelayMs);
    return buildTrainingTable(events, { settings: this.#settings, rates: this.#rates });
  }

  /**
   * Trains on payments in order of time, or on a table made of them. LABELS_INSUFFICIENT when a period lacks a class,
   * FEATURE_KNOWS_FUTURE when a feature was not knowable at its time.
   */
  async fit(payments: Payments | DatasetTable): Promise<TrainedPipeline> {
    const { costs = DEFAULT_COSTS, seed = 1, validation, champion, onProgress, selectFeatures = false } = this.#options;
    const { replicates = DEFAULT_REPLICATES, clock = machineClock } = this.#options;
    const table = 'rows' in payments ? payments : await this.table(payments);
    const learners = this.#learners;
    const [fromMs, toMs] = [table.timesMs[0] ?? 0, table.timesMs.at(-1) ?? 0];
    const { artifact, card, trained, files } = makeModel(
      {
        table,
        settings: this.#settings,
        catalogue: catalogueFor(this.#settings),
        learners,
        costs,
        currency: this.#rates.base,
        thresholdRule: this.#options.thresholdRule ?? DEFAULT_RULE,
        servingBudgetUs: this.#options.servingBudgetUs ?? DEFAULT_BUDGET_US,
        replicates,
        selectFeatures,
        ...(validation && { validation }),
        ...(champion !== undefined && { champion }),
        ...(onProgress && { onProgress }),
        provenance: {
          seed,
          codeVersion: 'library',
          environment: {},
          learners: learners.map(({ name }) => name),
          data: { mapping: 'library', path: '', sha256: '', rows: table.rows, fromMs, toMs },
        },
      },
      clock,
    );
    return {
      artifact,
      card,
      files,
      scorer: scorerOf(artifact),
      test: trained.test,
      evaluate: async (others) =>
        evaluateModel(artifact, await this.table(others), { costs, replicates, seed }).evaluation,
    };
  }
}

/** Throws RangeError that names the option. */
function requireSensible(options: TrainingPipelineOptions, learners: readonly Learner[]): void {
  const { servingBudgetUs = DEFAULT_BUDGET_US, replicates = DEFAULT_REPLICATES, seed = 1 } = options;
  if (learners.length === 0) throw new RangeError('invalid learners: none (expected one or more)');
  learners.forEach(({ name }, index) => {
    if (learners.findIndex((other) => other.name === name) !== index)
      throw new RangeError(`invalid learners: two are called ${name}`);
  });
  if (!(servingBudgetUs > 0))
    throw new RangeError(`invalid servingBudgetUs: ${servingBudgetUs} (expected more than 0)`);
  if (!(Number.isSafeInteger(replicates) && replicates >= 0))
    throw new RangeError(`invalid replicates: ${replicates} (expected a whole number from 0)`);
  if (!Number.isFinite(seed)) throw new RangeError(`invalid seed: ${seed} (expected a number)`);
  if (options.costs) requireCosts(options.costs);
  if (options.validation) requirePlan(options.validation);
  requireRule(options.thresholdRule ?? DEFAULT_RULE);
}

/** Payments with their labels at their arrival, some thousands at a time. */
async function* inBatches(payments: Payments, labelDelayMs: number): AsyncGenerator<readonly ReplayEvent[]> {
  const merged = createReplayOrder(labelDelayMs);
  const checked = createPaymentCheck();
  let batch: ReplayEvent[] = [];
  for await (const payment of payments) {
    batch.push(...merged.add(checked(payment)));
    if (batch.length < BATCH_EVENTS) continue;
    yield batch;
    batch = [];
  }
  yield [...batch, ...merged.rest()];
}
