/** sentinel tune: searches for the settings a learner does best with, on payments the final test does not see. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../../adapters/registry-files/durable-files.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { createTrialFile } from '../../adapters/tuning-files/trial-store.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { rowsIn, timeOrderedPeriods } from '../../training/split.ts';
import { takeRows } from '../../training/table.ts';
import { TUNABLE_LEARNERS, tunableOf } from '../../training/tuning/learner-spaces.ts';
import { renderStudy } from '../../training/tuning/page.ts';
import { type Pruning, PRUNINGS } from '../../training/tuning/pruning.ts';
import { type Settings } from '../../training/tuning/space.ts';
import { valueOf } from '../../training/tuning/study.ts';
import { unseenCycles, without } from '../../training/unseen-cycles.ts';
import { foldsOf } from '../../training/validation.ts';
import { tuneLearner } from '../../usecases/tune-learner.ts';
import { type Command } from '../command.ts';
import { CATALOGUE_OPTION, catalogueOf, DATA_OPTIONS, loadTable, settingsOf } from '../training-data.ts';
import { FOLDS_OPTION, validationOf, VALIDATION_OPTION } from '../training-choices.ts';
import { encodeTuned } from '../tuned-file.ts';
import { openTuningRunners } from '../tuning-runners.ts';

interface Tuned {
  readonly learner: string;
  readonly trials: number;
  readonly resumed: number;
  readonly pruned: number;
  readonly averagePrecision: number;
  readonly settings: Settings;
  readonly directory: string;
}

const DEFAULT_FOLDS = 4;

export const command: Command<Tuned> = {
  options: [
    ...DATA_OPTIONS,
    CATALOGUE_OPTION,
    { name: 'learner', type: 'text', value: 'NAME', default: 'symmetric', choices: TUNABLE_LEARNERS, sentence: 'The learner to tune.' },
    { name: 'trials', type: 'whole number', value: 'N', default: 40, minimum: 1, maximum: 10_000, sentence: 'Settings to try in all, those of an interrupted run included.' },
    { name: 'startup', type: 'whole number', value: 'N', default: 10, minimum: 1, sentence: 'Trials at random before the search goes by what it has seen.' },
    { name: 'pruning', type: 'text', value: 'RULE', default: 'median', choices: PRUNINGS, sentence: 'Leave a trial after a fold when it is below the median of the others, or not among the best third (halving).' },
    VALIDATION_OPTION,
    FOLDS_OPTION,
    { name: 'workers', type: 'whole number', value: 'N', minimum: 1, maximum: 64, sentence: 'Trials at a time; with one, the same seed tries the same settings. (default: one a core)' },
    { name: 'seed', type: 'whole number', value: 'N', default: 1, minimum: 0, sentence: 'Seed of the search and of the learner.' },
    { name: 'out', type: 'text', value: 'DIRECTORY', sentence: 'Where trials, the best settings and the page go; a search that stopped there goes on. (default: tuning/LEARNER)' },
  ], // prettier-ignore
  example: 'sentinel tune --data data/payments.parquet --learner symmetric --trials 40',
  async run(input) {
    const { given, signal } = input;
    const learner = given.text('learner');
    const { space } = tunableOf(learner);
    const seed = given.number('seed');
    const pruning = PRUNINGS.find((name) => name === given.text('pruning')) satisfies Pruning | undefined;
    const mapping = getMapping(given.text('mapping'));
    const settings = settingsOf(mapping, catalogueOf(given, mapping));
    const { table, data } = await loadTable(input, mapping, [given.text('data')], settings);
    // What calibrates, sets thresholds and tests a model afterwards takes no part in the search.
    const periods = timeOrderedPeriods(table, mapping.labelDelayMs);
    const period = { fromMs: periods.train.fromMs, toMs: periods.earlyStopping.toMs };
    const learnt = takeRows(table, rowsIn(table.timesMs, period));
    const plan = validationOf(given) ?? { method: 'temporal', folds: DEFAULT_FOLDS };
    const folds = foldsOf(plan, learnt, { gapMs: mapping.labelDelayMs, seed });
    const validation = `${plan.method}, ${plan.folds} folds`;
    const directory = given.optionalText('out') ?? join('tuning', learner);
    const identity = { learner, catalogue: settings.catalogue, sha256: data.sha256, validation, pruning: pruning ?? 'none', seed, startup: given.number('startup'), space: JSON.stringify(space) }; // prettier-ignore
    const store = createTrialFile(join(directory, 'trials.jsonl'), identity);
    const trials = given.number('trials');
    const threads = openTuningRunners(
      { learner, table: without(learnt, unseenCycles(learnt)), folds, seed },
      Math.min(trials, given.optionalNumber('workers') ?? availableParallelism()),
    );
    const bar = input.progress(`tune ${learner}`, trials, 'trials');
    try {
      const tuned = await tuneLearner({
        space,
        seed,
        startup: given.number('startup'),
        pruning: pruning ?? 'none',
        trials,
        store,
        runners: threads.runners.map((run) => (trial, goesOn) => Promise.race([run(trial, goesOn), aborted(signal)])),
        monotonicUs: systemClock.monotonicUs,
        signal,
        onTrial: (ended) => bar.update(ended),
      });
      bar.finish();
      if (tuned.best === undefined) throw new SentinelError('LABELS_INSUFFICIENT', { problem: 'no trial could be fitted' }); // prettier-ignore
      const text = new TextEncoder();
      const facts = { learner, data: given.text('data'), validation, pruning: pruning ?? 'none', seed, space };
      await replaceFile(join(directory, 'best.json'), text.encode(encodeTuned({ [learner]: tuned.best.settings })));
      await replaceFile(join(directory, 'tuning.html'), text.encode(renderStudy(facts, tuned.trials)));
      return {
        learner,
        trials: tuned.trials.length,
        resumed: tuned.resumed,
        pruned: tuned.trials.filter(({ state }) => state === 'pruned').length,
        averagePrecision: valueOf(tuned.best),
        settings: tuned.best.settings,
        directory,
      };
    } finally {
      await threads.close();
    }
  },
  render: ({ learner, trials, resumed, pruned, averagePrecision, settings, directory }) =>
    [
      `${learner}: ${trials} trials (${resumed} of earlier runs, ${pruned} left early), best average precision ${averagePrecision.toFixed(4)}`,
      ...Object.entries(settings).map(([name, value]) => `  ${name.padEnd(20)} ${+value.toPrecision(6)}`),
      `Course of the search: ${join(directory, 'tuning.html')}`,
      `Train with it: sentinel train --tuned ${join(directory, 'best.json')} …`,
    ].join('\n'),
};

/** Rejects when the signal aborts: a thread that computes hears nothing. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
