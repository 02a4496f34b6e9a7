/** From a file of labelled payments to a registered model, for the commands that need one. */
import { join } from 'node:path';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { getMapping } from '../datasets/mappings.ts';
import { HANDBOOK_MAPPING } from '../datasets/mappings/handbook.ts';
import { SentinelError } from '../domain/errors.ts';
import { type Catalogue, catalogueFor } from '../features/catalogue.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type CategoryEncodings, type LearnerName } from '../learners/defaults.ts';
import { type ClassWeight } from '../learners/class-weights.ts';
import { type Learner } from '../learners/protocol.ts';
import { type OpenedTransactions } from '../ports/transaction-source.ts';
import { type Provenance } from '../scoring/artifact.ts';
import { type ModelCard } from '../training/model-card/card.ts';
import { type TrainingStage } from '../training/pipeline.ts';
import { type ThresholdRule } from '../training/thresholds.ts';
import { type AttributeChoice, chooseAttributes } from '../usecases/choose-attributes.ts';
import { type TunedLearners } from '../training/tuning/learner-spaces.ts';
import { type ValidationPlan } from '../training/validation.ts';
import { inputsPart, resultPart } from '../usecases/describe-run.ts';
import { trainModel } from '../usecases/train-model.ts';
import { type CommandInput } from './command.ts';
import { type Progress } from './progress.ts';
import { DEFAULT_REPLICATES } from './common-options.ts';
import { DATA } from './data-directory.ts';
import { environmentFacts } from './environment.ts';
import { loadHandbookSplit } from './handbook-split.ts';
import { learnersOf, librariesOf } from './learner-names.ts';
import { sayMisfit } from './policy-fit.ts';
import { configuredCosts, configuredRates } from './rates.ts';
import { type TrackedRun, whileTracked } from './tracked-run.ts';
import { type TrackingConfig } from './tracking.ts';
import { loadTable, settingsOf } from './training-data.ts';
import { whileComputing } from './while-computing.ts';

export const DEFAULT_LEARNERS: readonly LearnerName[] = ['logistic', 'leaf-wise', 'symmetric'];
const DEFAULT_SEED = 1;
/** A customer is turned away only when fraud is the likelier. */
export const BLOCK_PRECISION = 0.5;
const THRESHOLD_RULE: ThresholdRule = { kind: 'cost-optimal', blockPrecision: BLOCK_PRECISION };

/** `time-ordered`: periods cut from the times of the file. `handbook`: the Handbook's single split. */
export const TRAINING_PROTOCOLS = ['time-ordered', 'handbook'] as const;
export type TrainingProtocol = (typeof TRAINING_PROTOCOLS)[number];

export interface FileTraining {
  /** The command that asked for it; `train` when absent. */
  readonly command?: string;
  readonly path: string;
  readonly mapping: string;
  /** Names separated by commas. */
  readonly learners?: string;
  readonly classWeight?: ClassWeight;
  readonly encodings?: CategoryEncodings;
  /** Settings found by tuning, by learner. */
  readonly tuned?: TunedLearners;
  readonly validation?: ValidationPlan;
  readonly selectFeatures?: boolean;
  /** Least cost, blocking only what is more likely fraud than not, when absent. */
  readonly thresholdRule?: ThresholdRule;
  /** A learner’s name, or `stack`: taken whatever it costs. The best within the serving budget when absent. */
  readonly champion?: string;
  /** A model that has learned already, instead of learners. */
  readonly imported?: ImportedLearner;
  readonly seed?: number;
  readonly replicates?: number;
  /** Put it in production even when another model is. */
  readonly promote?: boolean;
  readonly protocol?: TrainingProtocol;
  /** Sentinel's own features, but for the Handbook's protocol the Handbook's, when absent. */
  readonly catalogue?: FeatureSettings['catalogue'];
}

export interface ImportedLearner {
  readonly learnerFor: (catalogue: Catalogue) => Learner;
  readonly from: NonNullable<Provenance['importedFrom']>;
}

export interface TrainedFromFile {
  readonly version: string;
  readonly directory: string;
  readonly promoted: boolean;
  readonly seconds: number;
  readonly card: ModelCard;
  /** Of the attributes that the mapping offers; absent when it offers none. */
  readonly attributes?: Omit<AttributeChoice, 'settings'>;
}

const summaryOf = ({ kept, leftOut }: AttributeChoice): Omit<AttributeChoice, 'settings'> => ({ kept, leftOut });

export type TrainingConfig = TrackingConfig & Pick<Config, 'dataDir' | 'servingBudgetUs' | 'policyFile'>;
type TrainingInput = Pick<CommandInput, 'say' | 'progress' | 'signal' | 'deploysLater'>;

/** Trains and registers a model, and keeps a record of the run: of one that fails, too. */
export function trainFromFile(
  input: TrainingInput,
  config: TrainingConfig,
  training: FileTraining,
): Promise<TrainedFromFile> {
  const { command = 'train' } = training;
  return whileTracked(input, config, `sentinel ${command}`, (run) => train(input, config, training, run));
}

async function train(
  input: TrainingInput,
  config: TrainingConfig,
  training: FileTraining,
  run: TrackedRun,
): Promise<TrainedFromFile> {
  const {
    path,
    protocol = 'time-ordered',
    seed = DEFAULT_SEED,
    replicates = DEFAULT_REPLICATES,
    promote = false,
  } = training;
  const startedUs = systemClock.monotonicUs();
  const mapping = getMapping(training.mapping);
  const isHandbook = protocol === 'handbook';
  if (isHandbook && mapping !== HANDBOOK_MAPPING) {
    throw new SentinelError('USAGE', {
      problem: '--protocol handbook needs --mapping handbook: its periods are dates',
    });
  }
  const offered = settingsOf(mapping, training.catalogue ?? (isHandbook ? 'handbook' : 'sentinel'));
  const rates = configuredRates(config);
  const { imported } = training;
  const enginesRoot = join(config.dataDir, DATA.engines);
  const facts = environmentFacts();
  const learners = imported
    ? [imported.learnerFor(catalogueFor(offered))]
    : learnersOf(training.learners ?? DEFAULT_LEARNERS.join(','), enginesRoot, training);
  // An imported model may cost more than the budget.
  const champion = imported ? learners[0]!.name : training.champion;
  if (champion !== undefined && champion !== 'stack' && !learners.some(({ name }) => name === champion)) {
    throw new SentinelError('USAGE', { problem: `--champion: ${champion} is none of the learners, nor stack` });
  }
  if (champion === 'stack' && learners.length < 2) {
    throw new SentinelError('USAGE', {
      problem: `--champion stack: ${learners[0]!.name} alone is no stack; name more with --learners`,
    });
  }
  await run.begin(parametersOf(training, learners, config));
  let choice: AttributeChoice | undefined;
  // A model that has learned already knows its features by name: none may be left out.
  const settle = async (opened: OpenedTransactions, settings: FeatureSettings): Promise<FeatureSettings> => {
    if (imported !== undefined || settings.attributes === undefined) return settings;
    choice = await chooseAttributes(opened, settings);
    return choice.settings;
  };
  const { table, cleaning, data, inputs, settings, periods } = isHandbook
    ? await loadHandbookSplit(input, path, offered, rates)
    : { ...(await loadTable(input, mapping, [path], offered, { rates, settle })), periods: undefined };
  await run.add(inputsPart(inputs));
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const bars = stageBars(input);
  const { artifact, card } = await trainModel(
    {
      // What has learned already is not to be kept from the calendar.
      table: imported ? { ...table, cyclesMs: [] } : table,
      cleaning,
      settings,
      catalogue: catalogueFor(settings),
      learners,
      costs: configuredCosts(config),
      currency: rates.base,
      thresholdRule: training.thresholdRule ?? THRESHOLD_RULE,
      ...(training.validation && { validation: training.validation }),
      selectFeatures: training.selectFeatures ?? false,
      servingBudgetUs: config.servingBudgetUs,
      replicates,
      ...(champion !== undefined && { champion }),
      ...(periods && { periods }),
      provenance: {
        ...facts,
        environment: { ...facts.environment, ...librariesOf(learners, enginesRoot) },
        seed,
        data,
        learners: learners.map((learner) => learner.name),
        ...(imported && { importedFrom: imported.from }),
      },
      compute: whileComputing,
      onProgress: bars.update,
    },
    { registry, clock: systemClock },
  );
  bars.finish();
  await run.add(resultPart(card, systemClock.nowMs()));
  const promoted = promote || (input.deploysLater !== true && (await registry.production()) === undefined);
  if (promoted) {
    await registry.setStage(artifact.version, 'production');
    sayMisfit({ say: input.say, config: () => config }, artifact);
  }
  const seconds = (systemClock.monotonicUs() - startedUs) / 1e6;
  const directory = `${config.modelsDir}/${artifact.version}`;
  return {
    version: artifact.version,
    directory,
    promoted,
    seconds,
    card,
    ...(choice && { attributes: summaryOf(choice) }),
  };
}

/** The stages that take long, each with a bar of its own. */
const SHOWN_STAGES: Readonly<Partial<Record<TrainingStage, string>>> = { select: 'select features', fit: 'train' };

function stageBars({ progress }: TrainingInput) {
  let shown: TrainingStage | undefined;
  let bar: Progress | undefined;
  return {
    update(stage: TrainingStage, fraction: number): void {
      const label = SHOWN_STAGES[stage];
      if (label === undefined) return;
      if (stage !== shown) {
        bar?.finish();
        [shown, bar] = [stage, progress(label, 100, '%')];
      }
      bar?.update(Math.round(fraction * 100));
    },
    finish: () => bar?.finish(),
  };
}

/** Everything that was asked for, defaults included, as texts. */
function parametersOf(
  { path, imported, ...training }: FileTraining,
  learners: readonly Learner[],
  { servingBudgetUs }: TrainingConfig,
): Readonly<Record<string, string>> {
  const asked = {
    protocol: 'time-ordered',
    seed: DEFAULT_SEED,
    replicates: DEFAULT_REPLICATES,
    ...training,
    data: path,
    learners: learners.map(({ name }) => name).join(','),
    servingBudgetUs,
    ...(imported && { importedFrom: imported.from }),
  };
  return Object.fromEntries(
    Object.entries(asked)
      .filter(([name, value]) => name !== 'command' && value !== undefined)
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}
