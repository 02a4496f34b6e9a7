/** sentinel train: history to a registered model. */
import { createFileModelRegistry } from '../../adapters/registry-files/model-registry.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { DEFAULT_RATES } from '../../decisions/rates.ts';
import { DEFAULT_COSTS } from '../../domain/costs.ts';
import { SentinelError } from '../../domain/errors.ts';
import { getCatalogue } from '../../features/catalogue.ts';
import { createLearner, type LearnerName, LEARNERS } from '../../learners/defaults.ts';
import { type Learner } from '../../learners/protocol.ts';
import { type ModelCard } from '../../training/model-card/card.ts';
import { trainModel } from '../../usecases/train-model.ts';
import { type Command } from '../command.ts';
import { environmentFacts } from '../environment.ts';
import { loadTable, settingsOf } from '../training-data.ts';
import { renderMetrics } from '../render-metrics.ts';

const DEFAULT_LEARNERS: readonly LearnerName[] = ['logistic', 'leaf-wise', 'symmetric'];

interface Trained {
  readonly version: string;
  readonly directory: string;
  readonly promoted: boolean;
  readonly seconds: number;
  readonly card: ModelCard;
}

function learnersOf(names: string): Learner[] {
  return names.split(',').map((name) => {
    if (!Object.hasOwn(LEARNERS, name)) {
      throw new SentinelError('USAGE', {
        problem: `no learner is called ${name}; known are ${Object.keys(LEARNERS).join(', ')}`,
      });
    }
    return createLearner(name as LearnerName); // checked just above
  });
}

export const command: Command<Trained> = {
  options: [
    { name: 'data', type: 'text', value: 'FILE', required: true, sentence: 'CSV or Parquet file of labelled payments.' },
    { name: 'mapping', type: 'text', value: 'NAME', default: 'sentinel', sentence: 'How the file is to be read; see sentinel datasets.' },
    { name: 'learners', type: 'text', value: 'NAMES', default: DEFAULT_LEARNERS.join(','), sentence: `Learners to fit and stack, separated by commas, of ${Object.keys(LEARNERS).join(', ')}.` },
    { name: 'seed', type: 'whole number', value: 'N', default: 1, minimum: 0, sentence: 'The same seed, data and settings make the same model.' },
    { name: 'replicates', type: 'whole number', value: 'N', default: 200, minimum: 0, maximum: 10_000, sentence: 'Bootstrap resamples behind each interval.' },
    { name: 'promote', type: 'flag', sentence: 'Put the model in production, even when another one is.' },
  ], // prettier-ignore
  settings: ['modelsDir', 'servingBudgetUs'],
  example: 'sentinel train --data data/payments.parquet --mapping sentinel',
  async run(input) {
    const { given, config, progress, signal } = input;
    const started = performance.now();
    const mapping = getMapping(given.text('mapping'));
    const settings = settingsOf(mapping, 'sentinel');
    const { table, data } = await loadTable(input, mapping, [given.text('data')], settings);
    const registry = createFileModelRegistry(config().modelsDir, systemClock);
    const learners = learnersOf(given.text('learners'));
    const bar = progress('train', learners.length, 'learners');
    const { artifact, card } = await trainModel(
      {
        table,
        settings,
        catalogue: getCatalogue(settings.catalogue),
        learners,
        costs: DEFAULT_COSTS,
        currency: DEFAULT_RATES.base,
        thresholdRule: { kind: 'cost-optimal' },
        servingBudgetUs: config().servingBudgetUs,
        replicates: given.number('replicates'),
        provenance: {
          ...environmentFacts(),
          seed: given.number('seed'),
          data,
          learners: learners.map(({ name }) => name),
        },
        onProgress: (stage, fraction) => {
          signal.throwIfAborted();
          if (stage === 'fit') bar.update(Math.round(fraction * learners.length));
        },
      },
      { registry, clock: systemClock },
    );
    bar.finish();
    const promoted = given.flag('promote') || (await registry.production()) === undefined;
    if (promoted) await registry.setStage(artifact.version, 'production');
    return {
      version: artifact.version,
      directory: `${config().modelsDir}/${artifact.version}`,
      promoted,
      seconds: (performance.now() - started) / 1_000,
      card,
    };
  },
  render: ({ version, directory, promoted, seconds, card }) =>
    `${version}${promoted ? ', now in production' : ''}, trained in ${seconds.toFixed(1)} s: ${directory}/model-card.html\n${renderMetrics(card)}`,
};
