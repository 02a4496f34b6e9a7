/** sentinel train: history to a registered model. */
import { type Command } from '../command.ts';
import { learnersOption } from '../learner-names.ts';
import { renderMetrics } from '../render-metrics.ts';
import { DEFAULT_LEARNERS, DEFAULT_REPLICATES, trainFromFile, type TrainedFromFile } from '../train-from-file.ts';

export const command: Command<TrainedFromFile> = {
  options: [
    { name: 'data', type: 'text', value: 'FILE', required: true, sentence: 'CSV or Parquet file of labelled payments.' },
    { name: 'mapping', type: 'text', value: 'NAME', default: 'sentinel', sentence: 'How the file is to be read; see sentinel datasets.' },
    learnersOption(DEFAULT_LEARNERS),
    { name: 'seed', type: 'whole number', value: 'N', default: 1, minimum: 0, sentence: 'The same seed, data and settings make the same model.' },
    { name: 'replicates', type: 'whole number', value: 'N', default: DEFAULT_REPLICATES, minimum: 0, maximum: 10_000, sentence: 'Bootstrap resamples behind each interval.' },
    { name: 'promote', type: 'flag', sentence: 'Put the model in production, even when another one is.' },
  ], // prettier-ignore
  settings: ['modelsDir', 'servingBudgetUs'],
  example: 'sentinel train --data data/payments.parquet --mapping sentinel',
  async run(input) {
    const { given, config } = input;
    return trainFromFile(input, config(), {
      path: given.text('data'),
      mapping: given.text('mapping'),
      learners: given.text('learners'),
      seed: given.number('seed'),
      replicates: given.number('replicates'),
      promote: given.flag('promote'),
    });
  },
  render: ({ version, directory, promoted, seconds, card }) =>
    `${version}${promoted ? ', now in production' : ''}, trained in ${seconds.toFixed(1)} s: ${directory}/model-card.html\n${renderMetrics(card)}`,
};
