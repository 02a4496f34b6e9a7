/** sentinel train: history to a registered model. */
import { getMapping } from '../../datasets/mappings.ts';
import { type ModelCard } from '../../training/model-card/card.ts';
import { type Command } from '../command.ts';
import { PROMOTE_OPTION, replicatesOption, seedOption } from '../common-options.ts';
import { learnersOption } from '../learner-names.ts';
import { choicesOf, CHOICE_OPTIONS } from '../training-choices.ts';
import { renderMetrics } from '../render-metrics.ts';
import { DEFAULT_LEARNERS, TRAINING_PROTOCOLS, trainFromFile, type TrainedFromFile } from '../train-from-file.ts';
import { TRACKING_SETTINGS } from '../tracking.ts';
import { catalogueOf, catalogueOption, DATA_OPTIONS } from '../training-data.ts';

function selectionLine({ steps, chosen, leftOut, seconds }: NonNullable<ModelCard['selection']>): string {
  const [all, kept] = [steps[0], steps[chosen]];
  if (all === undefined || kept === undefined) return 'no fold has both classes: all features kept';
  const cost = `average precision ${kept.averagePrecision.toFixed(4)} on folds of the training period, ${all.averagePrecision.toFixed(4)} with all ${all.features}`;
  return `${kept.features} features kept in ${seconds.toFixed(0)} s: ${cost}${leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`}`;
}

function attributesLine({ kept, leftOut }: NonNullable<TrainedFromFile['attributes']>): string {
  const reasons = Object.entries(leftOut).filter(([, names]) => names.length > 0);
  const without = reasons.map(([reason, names]) => `${names.length} ${reason}`).join(', ');
  return `${kept} attributes learnt from${without === '' ? '' : `; left out: ${without}`}`;
}

export const command: Command<TrainedFromFile> = {
  options: [
    ...DATA_OPTIONS,
    { name: 'protocol', type: 'text', value: 'NAME', default: 'time-ordered', choices: TRAINING_PROTOCOLS, sentence: 'Periods to learn from and to test on: cut from the times of the file, or those of the Fraud Detection Handbook.' },
    catalogueOption('sentinel, or handbook with its protocol'),
    learnersOption(DEFAULT_LEARNERS, { native: true }),
    ...CHOICE_OPTIONS,
    { name: 'champion', type: 'text', value: 'NAME', sentence: 'A learner, or stack, to take whatever it costs; beyond the serving budget only reviews and blocks are explained at once. (default: the best within the budget)' },
    seedOption('The same seed, data and settings make the same model.'),
    replicatesOption(),
    PROMOTE_OPTION,
  ], // prettier-ignore
  settings: ['dataDir', 'modelsDir', 'policyFile', 'servingBudgetUs', ...TRACKING_SETTINGS],
  example: 'sentinel train --data data/payments.parquet --mapping sentinel',
  async run(input) {
    const { given, config } = input;
    const mapping = getMapping(given.text('mapping'));
    return trainFromFile(input, config(), {
      path: given.text('data'),
      mapping: mapping.name,
      learners: given.text('learners'),
      ...(given.optionalText('champion') !== undefined && { champion: given.text('champion') }),
      ...(await choicesOf(given)),
      seed: given.number('seed'),
      replicates: given.number('replicates'),
      promote: given.flag('promote'),
      ...(given.text('protocol') === 'handbook' && { protocol: 'handbook' }),
      ...(given.optionalText('catalogue') !== undefined && { catalogue: catalogueOf(given, 'sentinel') }),
    });
  },
  render: ({ version, directory, promoted, seconds, card, attributes }) =>
    [
      `${version}${promoted ? ', now in production' : ''}, trained in ${seconds.toFixed(1)} s: ${directory}/model-card.html`,
      ...(attributes === undefined ? [] : [attributesLine(attributes)]),
      ...(card.selection === undefined ? [] : [selectionLine(card.selection)]),
      renderMetrics(card),
    ].join('\n'),
};
