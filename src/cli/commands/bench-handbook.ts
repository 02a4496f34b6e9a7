/** sentinel bench handbook: the quality of every learner on public data, beside the published figures. */
import { benchHandbook, type FeatureChoice, type HandbookReport } from '../../../bench/handbook.ts';
import { type HandbookProtocol } from '../../../bench/handbook-published.ts';
import { HANDBOOK_MAPPING } from '../../datasets/mappings/handbook.ts';
import { type Command } from '../command.ts';
import { replicatesOption, seedOption } from '../common-options.ts';
import { type LearnerName } from '../../learners/defaults.ts';
import { learnersOf, learnersOption } from '../learner-names.ts';
import { renderHandbook } from '../render-handbook.ts';
import { loadTable, settingsOf } from '../training-data.ts';
import { whileComputing } from '../while-computing.ts';

const FEATURES: Readonly<Record<string, readonly FeatureChoice[]>> = {
  both: ['published', 'own'],
  published: ['published'],
  derived: ['derived'],
  own: ['own'],
  chosen: ['chosen'],
  selected: ['selected'],
};
/** Made from the Handbook's features alone. */
const ON_PUBLISHED: ReadonlySet<FeatureChoice> = new Set(['published', 'derived']);
const PROTOCOLS: Readonly<Record<string, readonly HandbookProtocol[]>> = {
  both: ['single', 'prequential'],
  single: ['single'],
  prequential: ['prequential'],
};

/** The published ones and those like them; its features have no categories to choose among, and it has labels. */
const LEARNERS: readonly LearnerName[] = [
  'logistic',
  'tree',
  'forest',
  'depth-wise',
  'leaf-wise',
  'symmetric',
  'balanced-bagging',
];

export const command: Command<HandbookReport> = {
  options: [
    { name: 'data', type: 'text', value: 'FILE', required: true, sentence: 'The Handbook’s payments; see sentinel datasets.' },
    { name: 'features', type: 'text', value: 'WHICH', default: 'both', choices: Object.keys(FEATURES), sentence: 'The 15 published features, those with functions of them, Sentinel’s own, published and own, those of its own that the data informs (chosen by hand), or those that are selected on each training period.' },
    { name: 'protocol', type: 'text', value: 'WHICH', default: 'both', choices: Object.keys(PROTOCOLS), sentence: 'One split, four prequential folds, or both.' },
    { name: 'weeks', type: 'text', value: 'WHICH', default: 'test', choices: ['test', 'validation'], sentence: 'Prequential folds to test on: those published, or the four before, for whatever is to be decided.' },
    { name: 'train-days', type: 'whole number', value: 'N', default: 7, minimum: 1, maximum: 80, sentence: 'Days learnt from; tests stay the same.' },
    learnersOption(LEARNERS),
    seedOption('The same seed gives the same figures.'),
    replicatesOption(),
  ], // prettier-ignore
  example: 'sentinel bench handbook --data transactions.csv.gz --features published --protocol single',
  async run(input) {
    const { given, progress } = input;
    const learners = learnersOf(given.text('learners'));
    const bars = new Map<string, ReturnType<typeof progress>>();
    const report = await benchHandbook({
      features: FEATURES[given.text('features')]!,
      protocols: PROTOCOLS[given.text('protocol')]!,
      weeks: given.text('weeks') === 'validation' ? 'validation' : 'test',
      trainDays: given.number('train-days'),
      learners,
      seed: given.number('seed'),
      replicates: given.number('replicates'),
      load: async (choice, keep) => {
        const settings = settingsOf(HANDBOOK_MAPPING, ON_PUBLISHED.has(choice) ? 'handbook' : 'sentinel');
        return (await loadTable(input, HANDBOOK_MAPPING, [given.text('data')], settings, { keep })).table;
      },
      compute: whileComputing,
      onProgress: (run, share) => {
        if (!bars.has(run)) bars.set(run, progress(run, 100, '% of the fits'));
        bars.get(run)!.update(Math.floor(100 * share));
        if (share === 1) bars.get(run)!.finish();
      },
    });
    return report;
  },
  render: renderHandbook,
};
