/** The model card as data: what a model is, how well it does, what it rests on and where it ends. */
import { type CleaningReport } from '../../datasets/cleaning.ts';
import { spanText } from '../../domain/time.ts';
import { type Costs } from '../../domain/costs.ts';
import { type ReviewAndBlock } from '../../metrics/money.ts';
import { type Calibration } from '../calibrate.ts';
import { type FoldQuality } from '../cross-validate.ts';
import { type Evaluation } from '../evaluate.ts';
import { type FeatureImportance } from '../importance.ts';
import { type InputDrift } from '../input-drift.ts';
import { type SuspiciousFeature } from '../leak-alarm.ts';
import { type TrainedEnsemble } from '../pipeline.ts';
import { type FeatureSelection } from '../select-features.ts';
import { type ScenarioRecall } from '../scenario-recall.ts';
import { PERIOD_NAMES, type PeriodName } from '../split.ts';
import { type ThresholdRule } from '../thresholds.ts';
import { type CardCurves, cardCurves } from './curves.ts';
import { flatScoreText } from './text.ts';

const CARD_FORMAT = 1;

/** What the pipeline cannot know: where rows and code came from. */
export interface CardFacts {
  readonly version: string;
  readonly createdMs: number;
  readonly codeVersion: string;
  readonly seed: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly data: Readonly<{
    mapping: string;
    path: string;
    /** SHA-256 of the input, hex. */
    sha256: string;
    rows: number;
    fromMs: number;
    toMs: number;
  }>;
  /** What became of the rows of the input; absent where payments came without a file, and from cards of earlier versions. */
  readonly cleaning?: CleaningReport;
  /** The file of a model that was trained elsewhere: the data then calibrated and tested it. */
  readonly importedFrom?: Readonly<{ format: string; path: string; sha256: string }>;
  readonly catalogue: Readonly<{ name: string; hash: string; featureCount: number }>;
  /** Of all amounts and costs. */
  readonly currency: string;
  readonly costs: Costs;
  readonly thresholdRule: ThresholdRule;
  readonly servingBudgetUs: number;
  readonly labelDelayMs: number;
  readonly replicates: number;
  /** By kind of fraud on the test period; absent where the data names none, and from cards of earlier versions. */
  readonly scenarios?: readonly ScenarioRecall[];
}

export interface CardCandidate {
  readonly name: string;
  readonly members: readonly Readonly<{ name: string; weight: number }>[];
  readonly averagePrecision: number;
  readonly rocAuc: number;
  readonly costUs: number;
  readonly withinBudget: boolean;
  readonly chosen: boolean;
  /** Of the fit on all training payments; absent from cards of earlier versions. */
  readonly fitSeconds?: number;
  /** Quality on each fold of the training period; none for a stack. Absent from cards of earlier versions. */
  readonly folds?: readonly FoldQuality[];
}

/** The JSON twin of the page: every number shown, none else; NaN is written as null. */
export interface ModelCard extends CardFacts {
  readonly format: typeof CARD_FORMAT;
  /** Ranked on the calibration and policy periods. */
  readonly candidates: readonly CardCandidate[];
  readonly calibration: Readonly<{ method: Calibration; logLoss: Readonly<Record<Calibration, number>> }>;
  readonly thresholds: ReviewAndBlock;
  readonly periods: readonly Readonly<{ name: PeriodName; fromMs: number; toMs: number; evaluation: Evaluation }>[];
  readonly curves: CardCurves;
  readonly importance: readonly FeatureImportance[];
  /** Features that by themselves all but give the label away; absent from cards of earlier versions. */
  readonly suspicious?: readonly SuspiciousFeature[];
  /** The one probability that all payments of the test got; absent where they differ. */
  readonly flatScore?: number;
  /** Of the inputs, from training to test; absent from cards of earlier versions. */
  readonly drift?: readonly InputDrift[];
  /** Which features were found to be done without; absent when that was not asked. */
  readonly selection?: FeatureSelection;
  readonly limits: readonly string[];
}

export function createModelCard(trained: TrainedEnsemble, facts: CardFacts): ModelCard {
  const { champion, candidates, calibration, thresholds, periods, evaluations, test, importance } = trained;
  const card = {
    ...facts,
    format: CARD_FORMAT,
    candidates: candidates.map((candidate) => ({
      name: candidate.name,
      members: candidate.members.map((name, i) => ({ name, weight: candidate.weights?.weights[i] ?? 1 })),
      averagePrecision: candidate.averagePrecision,
      rocAuc: candidate.rocAuc,
      costUs: candidate.costUs,
      withinBudget: candidate.withinBudget,
      chosen: candidate.name === champion.name,
      fitSeconds: candidate.fitSeconds,
      folds: candidate.folds,
    })),
    calibration: { method: calibration.method, logLoss: calibration.logLoss },
    thresholds,
    periods: PERIOD_NAMES.map((name) => ({ name, ...periods[name], evaluation: evaluations[name] })),
    curves: cardCurves(test, thresholds, facts.costs),
    importance,
    suspicious: trained.suspicious,
    ...flatScoreOf(test.probabilities),
    drift: trained.drift.slice(0, DRIFT_SHOWN),
    ...(trained.selection && { selection: trained.selection }),
  } as const;
  return { ...card, limits: limitsOf(facts, trained) };
}

/** Calibration flattens margins that rank the wrong way: what ranks well by itself then tells nothing apart in service. */
function flatScoreOf(probabilities: Float64Array): Pick<ModelCard, 'flatScore'> {
  const first = probabilities[0];
  return first !== undefined && probabilities.every((each) => each === first) ? { flatScore: first } : {};
}

/** Features whose drift a card keeps. */
const DRIFT_SHOWN = 15;

/** The JSON text of a card. */
export function encodeModelCard(card: ModelCard): string {
  return `${JSON.stringify(card, null, 1)}\n`;
}

/** Frauds in a test below which intervals are too wide to rank models by. */
const FEW_FRAUDS = 100;

function limitsOf(
  { data, labelDelayMs, replicates, importedFrom }: CardFacts,
  { champion, evaluations: { test }, leftOut, suspicious, test: { probabilities } }: TrainedEnsemble,
): readonly string[] {
  const { flatScore } = flatScoreOf(probabilities);
  return [
    `${importedFrom === undefined ? 'Learned from' : `Learned elsewhere (${importedFrom.format}), calibrated and tested on`} ${data.mapping} between ${day(data.fromMs)} and ${day(data.toMs)}; payments of another kind, country or time may score differently.`,
    `A payment counts as genuine when no fraud label arrives within ${spanText(labelDelayMs)}; frauds reported later are mistaken for genuine ones.`,
    ...(importedFrom === undefined
      ? []
      : ['If it learned from payments of the test period, the figures flatter it: nothing here can tell.']),
    'Reviews are priced as if an analyst always finds the truth; real reviews miss some.',
    ...(data.mapping === 'sentinel' || data.mapping === 'demonstration'
      ? ['Where the payments are simulated, figures say that the system works, not how it will do on yours.']
      : []),
    ...(flatScore === undefined ? [] : [`Calibrated, ${flatScoreText(flatScore)}`]),
    ...(test.frauds < FEW_FRAUDS
      ? [`The test holds ${test.frauds} frauds only: intervals are wide, small differences mean nothing.`]
      : []),
    ...(leftOut.length > 0
      ? [`The training period was too short to learn the calendar: ${leftOut.join(', ')} are not used.`]
      : []),
    ...suspicious.map(
      ({ feature, rocAuc }) =>
        `${feature} alone tells fraud with ROC-AUC ${rocAuc.toFixed(3)}: make sure that it is known when a payment is made.`,
    ),
    intervalsText(replicates, test.customers),
    champion.model.isUnexplained
      ? 'A foreign runtime runs it: its scores cannot be explained, and decisions have no reasons.'
      : 'Contributions explain the model, not the world: a feature that moves a score need not cause fraud.',
  ];
}

function intervalsText(replicates: number, customers: number): string {
  if (replicates === 0) return 'No intervals were computed: small differences may be chance.';
  if (customers < 2) return 'All test payments are of one customer: how far chance moves the figures cannot be told.';
  return `Intervals hold 95 % of ${replicates} resamples of customers; they cover chance, not change over time.`;
}

/** The UTC day of a moment. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
