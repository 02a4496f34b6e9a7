/** sentinel tune: searches for the settings a learner does best with, on payments the final test does not see. */
import { join } from 'node:path';
import { TUNABLE_LEARNERS } from '../../training/tuning/learner-spaces.ts';
import { PRUNINGS } from '../../training/tuning/pruning.ts';
import { type Command } from '../command.ts';
import { seedOption } from '../common-options.ts';
import { catalogueOption, DATA_OPTIONS } from '../training-data.ts';
import { DEFAULT_FOLDS, ENCODING_OPTION, foldsOption, VALIDATION_OPTION } from '../training-choices.ts';
import { DEFAULT_PLAN, type TunedFromFile, tuneFromFile } from '../tune-from-file.ts';

export const command: Command<TunedFromFile> = {
  options: [
    ...DATA_OPTIONS,
    catalogueOption('sentinel, as of training'),
    { name: 'learner', type: 'text', value: 'NAME', default: 'symmetric', choices: TUNABLE_LEARNERS, sentence: 'The learner to tune.' },
    { name: 'trials', type: 'whole number', value: 'N', default: 40, minimum: 1, maximum: 10_000, sentence: 'Settings to try in all, those of an interrupted run included.' },
    { name: 'startup', type: 'whole number', value: 'N', default: 10, minimum: 1, sentence: 'Trials at random before the search goes by what it has seen.' },
    { name: 'pruning', type: 'text', value: 'RULE', default: 'median', choices: PRUNINGS, sentence: 'Leave a trial after a fold when it is below the median of the others, or not among the best third (halving).' },
    VALIDATION_OPTION,
    foldsOption(`${DEFAULT_PLAN.folds}, or ${DEFAULT_FOLDS} where a validation is named`),
    ENCODING_OPTION,
    { name: 'workers', type: 'whole number', value: 'N', minimum: 1, maximum: 64, sentence: 'Trials at a time; with one, the same seed tries the same settings. (default: one a core)' },
    seedOption('Seed of the search and of the learner.'),
    { name: 'out', type: 'text', value: 'DIRECTORY', sentence: 'Where trials, the best settings and the page go; a search that stopped there goes on. (default: tuning/LEARNER)' },
  ], // prettier-ignore
  settings: ['policyFile'],
  example: 'sentinel tune --data data/payments.parquet --learner symmetric --trials 40',
  run: tuneFromFile,
  render: ({ learner, trials, resumed, pruned, averagePrecision, settings, directory }) =>
    [
      `${learner}: ${trials} trials (${resumed} of earlier runs, ${pruned} left early), best average precision ${averagePrecision.toFixed(4)}`,
      ...Object.entries(settings).map(([name, value]) => `  ${name.padEnd(20)} ${+value.toPrecision(6)}`),
      `Course of the search: ${join(directory, 'tuning.html')}`,
      `Train with it: sentinel train --tuned ${join(directory, 'best.json')} …`,
    ].join('\n'),
};
