/** From a file of labelled payments to a registered model, for the commands that need one. */
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { getMapping } from '../datasets/mappings.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { DEFAULT_COSTS } from '../domain/costs.ts';
import { getCatalogue } from '../features/catalogue.ts';
import { type LearnerName } from '../learners/defaults.ts';
import { type ModelCard } from '../training/model-card/card.ts';
import { type ThresholdRule } from '../training/thresholds.ts';
import { trainModel } from '../usecases/train-model.ts';
import { type CommandInput } from './command.ts';
import { environmentFacts } from './environment.ts';
import { learnersOf } from './learner-names.ts';
import { loadTable, settingsOf } from './training-data.ts';

export const DEFAULT_LEARNERS: readonly LearnerName[] = ['logistic', 'leaf-wise', 'symmetric'];
export const DEFAULT_REPLICATES = 200;
/** Least cost, but a customer is turned away only when fraud is the likelier. */
const THRESHOLD_RULE: ThresholdRule = { kind: 'cost-optimal', blockPrecision: 0.5 };

export interface FileTraining {
  readonly path: string;
  readonly mapping: string;
  /** Names separated by commas. */
  readonly learners?: string;
  readonly seed?: number;
  readonly replicates?: number;
  /** Put it in production even when another model is. */
  readonly promote?: boolean;
}

export interface TrainedFromFile {
  readonly version: string;
  readonly directory: string;
  readonly promoted: boolean;
  readonly seconds: number;
  readonly card: ModelCard;
}

export async function trainFromFile(
  input: Pick<CommandInput, 'progress' | 'signal'>,
  config: Pick<Config, 'modelsDir' | 'servingBudgetUs'>,
  { path, mapping: name, learners: names, seed = 1, replicates = DEFAULT_REPLICATES, promote = false }: FileTraining,
): Promise<TrainedFromFile> {
  const startedUs = systemClock.monotonicUs();
  const mapping = getMapping(name);
  const settings = settingsOf(mapping, 'sentinel');
  const learners = learnersOf(names ?? DEFAULT_LEARNERS.join(','));
  const { table, data } = await loadTable(input, mapping, [path], settings);
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const bar = input.progress('train', 100, '%');
  const { artifact, card } = await trainModel(
    {
      table,
      settings,
      catalogue: getCatalogue(settings.catalogue),
      learners,
      costs: DEFAULT_COSTS,
      currency: DEFAULT_RATES.base,
      thresholdRule: THRESHOLD_RULE,
      servingBudgetUs: config.servingBudgetUs,
      replicates,
      provenance: { ...environmentFacts(), seed, data, learners: learners.map((learner) => learner.name) },
      onProgress: (stage, fraction) => {
        input.signal.throwIfAborted();
        if (stage === 'fit') bar.update(Math.round(fraction * 100));
      },
    },
    { registry, clock: systemClock },
  );
  bar.finish();
  const promoted = promote || (await registry.production()) === undefined;
  if (promoted) await registry.setStage(artifact.version, 'production');
  const seconds = (systemClock.monotonicUs() - startedUs) / 1e6;
  return { version: artifact.version, directory: `${config.modelsDir}/${artifact.version}`, promoted, seconds, card };
}
