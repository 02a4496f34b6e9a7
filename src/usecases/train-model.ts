/** A table of history becomes a registered model: fit, choose, calibrate, test; artifact and card written together. */
import { type CleaningReport } from '../datasets/cleaning.ts';
import { type Costs } from '../domain/costs.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type Learner } from '../learners/protocol.ts';
import { type Clock } from '../ports/clock.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import {
  ARTIFACT_FILE,
  encodeArtifact,
  type ExplanationPolicy,
  type GoldenRow,
  type ModelArtifact,
  type Provenance,
  scorerOf,
  versionAt,
} from '../scoring/artifact.ts';
import { createModelCard, encodeModelCard, type ModelCard } from '../training/model-card/card.ts';
import { renderModelCard } from '../training/model-card/page.ts';
import { type TrainedEnsemble, trainEnsemble, type TrainingStage } from '../training/pipeline.ts';
import { createCostMeter } from '../training/serving-cost.ts';
import { scenarioRecall } from '../training/scenario-recall.ts';
import { type Periods, rowsIn } from '../training/split.ts';
import { type ThresholdRule } from '../training/thresholds.ts';
import { type ValidationPlan } from '../training/validation.ts';
import { type DatasetTable } from './build-training-table.ts';
import { requireKnowable } from './check-time-travel.ts';
import { registerModel } from './register-model.ts';

/** Rows whose bits the artifact carries, so that a machine that computes otherwise is found out before it serves. */
const GOLDEN_ROWS = 20;

export interface TrainingPlan {
  readonly table: DatasetTable;
  /** What became of the rows of the file it was made of. */
  readonly cleaning?: CleaningReport;
  readonly settings: FeatureSettings;
  readonly catalogue: Catalogue;
  readonly learners: readonly Learner[];
  readonly costs: Costs;
  readonly currency: string;
  readonly thresholdRule: ThresholdRule;
  readonly servingBudgetUs: number;
  /** Name of the candidate to take, whatever it costs; the best within the budget when absent. */
  readonly champion?: string;
  readonly replicates: number;
  /** How learners are tested on training rows they have not seen; two growing windows when absent. */
  readonly validation?: ValidationPlan;
  /** Leave out the features that unseen payments of the training period are ranked as well without. */
  readonly selectFeatures?: boolean;
  /** Computed from the times when absent. */
  readonly periods?: Periods;
  readonly provenance: Omit<Provenance, 'createdMs'>;
  readonly onProgress?: (stage: TrainingStage, fraction: number) => void;
  /** Runs the fitting, which takes long, waits for nothing and writes nothing. */
  readonly compute?: <T>(work: () => T) => T;
}

export interface TrainedModel {
  readonly artifact: ModelArtifact;
  readonly card: ModelCard;
  readonly trained: TrainedEnsemble;
}

/** A model with all the files of its version; `version` names it once it is known to be good. */
export interface MadeModel extends TrainedModel {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of the test period. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Trains and registers; the new version has stage `none`. FEATURE_KNOWS_FUTURE when the table was not knowable at its time. */
export async function trainModel(
  plan: TrainingPlan,
  { registry, clock }: { readonly registry: ModelRegistry; readonly clock: Clock },
): Promise<TrainedModel> {
  const trained = fitPlan(plan, clock);
  const createdMs = clock.nowMs();
  const { artifact, card } = await registerModel(registry, createdMs, (version) =>
    describeModel(plan, trained, version, createdMs),
  );
  return { artifact, card, trained };
}

/** The same without a registry. */
export function makeModel(plan: TrainingPlan, clock: Clock): MadeModel {
  const trained = fitPlan(plan, clock);
  const createdMs = clock.nowMs();
  return describeModel(plan, trained, versionAt(createdMs), createdMs);
}

function fitPlan(plan: TrainingPlan, clock: Clock): TrainedEnsemble {
  const { table, settings, provenance, compute = (work) => work() } = plan;
  return compute(() => {
    requireKnowable(table, settings, provenance.seed);
    return trainEnsemble(table, {
      ...plan,
      labelDelayMs: settings.labelDelayMs,
      measure: createCostMeter(table, clock.monotonicUs),
      clockUs: clock.monotonicUs,
      seed: provenance.seed,
    });
  });
}

function describeModel(plan: TrainingPlan, trained: TrainedEnsemble, version: string, createdMs: number): MadeModel {
  const { table, settings, catalogue, provenance, servingBudgetUs, replicates } = plan;
  const { champion, calibration, thresholds, leftOut, selection } = trained;
  const unused = [...leftOut, ...(selection?.leftOut ?? [])];
  const metrics = Object.fromEntries(
    Object.entries(trained.evaluations.test.metrics).map(([name, { value }]) => [name, value]),
  );
  const affordable: ExplanationPolicy = champion.costUs <= servingBudgetUs ? 'always' : 'flagged';
  const explanations = champion.model.isUnexplained ? 'none' : affordable;
  const artifact: ModelArtifact = {
    version,
    modelType: champion.members.length > 1 ? `stack of ${champion.members.join(', ')}` : champion.name,
    catalogue: { name: catalogue.name, hash: catalogue.hash, features: table.names },
    featureSettings: settings,
    model: champion.model,
    calibrator: calibration.calibrator,
    explanations,
    currency: plan.currency,
    thresholds,
    metrics,
    provenance: { ...provenance, createdMs },
    golden: goldenRows(table, champion.model, calibration.calibrator),
    ...(unused.length > 0 && { unusedFeatures: unused }),
  };
  const card = createModelCard(trained, {
    ...provenance,
    version,
    createdMs,
    ...(plan.cleaning && { cleaning: plan.cleaning }),
    catalogue: { name: catalogue.name, hash: catalogue.hash, featureCount: table.names.length },
    currency: plan.currency,
    costs: plan.costs,
    thresholdRule: plan.thresholdRule,
    servingBudgetUs,
    labelDelayMs: settings.labelDelayMs,
    replicates,
    scenarios: scenarioRecall(trained.test, testCampaigns(table, trained), trained.thresholds),
  });
  const text = new TextEncoder();
  const files = new Map([
    [ARTIFACT_FILE, encodeArtifact(artifact)],
    ['model-card.json', text.encode(encodeModelCard(card))],
    ['model-card.html', text.encode(renderModelCard(card))],
  ]);
  return { artifact, card, trained, files, metrics };
}

/** The campaigns of the test period's payments, in their order. */
function testCampaigns(table: DatasetTable, { periods }: TrainedEnsemble): readonly string[] {
  return Array.from(rowsIn(table.timesMs, periods.test), (row) => table.campaigns[row]!);
}

function goldenRows(
  table: DatasetTable,
  model: ModelArtifact['model'],
  calibrator: ModelArtifact['calibrator'],
): GoldenRow[] {
  const scorer = scorerOf({ version: 'golden', model, calibrator });
  return Array.from({ length: Math.min(GOLDEN_ROWS, table.rows) }, (_, index) => {
    const row = Math.floor((index * table.rows) / GOLDEN_ROWS);
    const vector = Float64Array.from(table.values, (column) => column[row]!);
    const { margin, probability } = scorer.score(vector);
    return { vector: [...vector].map((value) => (Number.isNaN(value) ? null : value)), margin, probability };
  });
}
