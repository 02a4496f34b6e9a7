/** From a file of labelled payments to the best settings found for a learner, with the course of the search. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../adapters/system/durable-files.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createTrialFile } from '../adapters/tuning-files/trial-store.ts';
import { getMapping } from '../datasets/mappings.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { SentinelError } from '../domain/errors.ts';
import { type CategoryEncodings } from '../learners/defaults.ts';
import { rowsIn, timeOrderedPeriods } from '../training/split.ts';
import { takeRows, type TrainingTable } from '../training/table.ts';
import { tunableOf } from '../training/tuning/learner-spaces.ts';
import { renderStudy } from '../training/tuning/page.ts';
import { PRUNINGS } from '../training/tuning/pruning.ts';
import { type Settings } from '../training/tuning/space.ts';
import { valueOf } from '../training/tuning/study.ts';
import { unseenCycles, without } from '../training/unseen-cycles.ts';
import { foldsOf, type ValidationPlan } from '../training/validation.ts';
import { chooseAttributes } from '../usecases/choose-attributes.ts';
import { type TunedStudy, tuneLearner } from '../usecases/tune-learner.ts';
import { type CommandInput } from './command.ts';
import { configuredRates } from './rates.ts';
import { catalogueOf, loadTable, settingsOf } from './training-data.ts';
import { encodingsOf, validationOf } from './training-choices.ts';
import { encodeTuned } from './tuned-file.ts';
import { openTuningRunners } from './tuning-runners.ts';
import { untilAborted } from './until-aborted.ts';

export interface TunedFromFile {
  readonly learner: string;
  readonly trials: number;
  readonly resumed: number;
  readonly pruned: number;
  readonly averagePrecision: number;
  readonly settings: Settings;
  readonly directory: string;
}

/** Folds when no validation is named. */
export const DEFAULT_PLAN: ValidationPlan = { method: 'temporal', folds: 4 };

/** Runs the search the command line asks for, or goes on with it, and writes settings and page beside its trials. */
export async function tuneFromFile(input: CommandInput): Promise<TunedFromFile> {
  const { given } = input;
  const learner = given.text('learner');
  const { space } = tunableOf(learner);
  const [seed, startup] = [given.number('seed'), given.number('startup')];
  const pruning = PRUNINGS.find((name) => name === given.text('pruning')) ?? 'none';
  const mapping = getMapping(given.text('mapping'));
  const offered = settingsOf(mapping, catalogueOf(given, 'sentinel'));
  const rates = configuredRates(input.config());
  const { table, data, settings } = await loadTable(input, mapping, [given.text('data')], offered, {
    rates,
    settle: async (opened) => (await chooseAttributes(opened, offered)).settings,
  });
  const encodings = encodingsOf(given);
  const plan = validationOf(given) ?? DEFAULT_PLAN;
  const validation = `${plan.method}, ${plan.folds} folds`;
  const directory = given.optionalText('out') ?? join('tuning', learner);
  const identity = { learner, mapping: mapping.name, catalogue: settings.catalogue, sha256: data.sha256, validation, pruning, seed, startup, space: JSON.stringify(space), ...(encodings && { encodings: encodings.join() }), ...(rates !== DEFAULT_RATES && { rates: JSON.stringify(rates) }) }; // prettier-ignore
  const tuned = await search(input, {
    table: searchable(table, mapping.labelDelayMs),
    plan,
    gapMs: mapping.labelDelayMs,
    ...(encodings && { encodings }),
    study: { space, seed, startup, pruning, store: createTrialFile(join(directory, 'trials.jsonl'), identity) },
    learner,
  });
  const { best, trials, resumed } = tuned;
  if (best === undefined) throw new SentinelError('LABELS_INSUFFICIENT', { problem: 'no trial could be fitted' });
  const text = new TextEncoder();
  const page = renderStudy({ learner, data: given.text('data'), validation, pruning, seed, space }, trials);
  await replaceFile(join(directory, 'best.json'), text.encode(encodeTuned({ [learner]: best.settings })));
  await replaceFile(join(directory, 'tuning.html'), text.encode(page));
  const pruned = trials.filter(({ state }) => state === 'pruned').length;
  const averagePrecision = valueOf(best);
  return { learner, trials: trials.length, resumed, pruned, averagePrecision, settings: best.settings, directory };
}

/** What calibrates, sets thresholds and tests a model afterwards takes no part in the search. */
function searchable(table: TrainingTable, labelDelayMs: number): TrainingTable {
  const { train, earlyStopping } = timeOrderedPeriods(table, labelDelayMs);
  const learnt = takeRows(table, rowsIn(table.timesMs, { fromMs: train.fromMs, toMs: earlyStopping.toMs }));
  return without(learnt, unseenCycles(learnt));
}

interface Search {
  readonly learner: string;
  readonly table: TrainingTable;
  readonly plan: ValidationPlan;
  readonly gapMs: number;
  readonly encodings?: CategoryEncodings;
  readonly study: Pick<Parameters<typeof tuneLearner>[0], 'space' | 'seed' | 'startup' | 'pruning' | 'store'>;
}

async function search(
  input: CommandInput,
  { learner, table, plan, gapMs, encodings, study }: Search,
): Promise<TunedStudy> {
  const { given, signal } = input;
  const trials = given.number('trials');
  const folds = foldsOf(plan, table, { gapMs, seed: study.seed });
  const workers = Math.min(trials, given.optionalNumber('workers') ?? availableParallelism());
  const threads = openTuningRunners(
    { learner, table, folds, seed: study.seed, ...(encodings && { encodings }) },
    workers,
  );
  const bar = input.progress(`tune ${learner}`, trials, 'trials');
  const stopped = aborted(signal);
  stopped.catch(() => undefined); // it may come when nobody waits any more
  try {
    const tuned = await tuneLearner({
      ...study,
      trials,
      runners: threads.runners.map((run) => (trial, goesOn) => Promise.race([run(trial, goesOn), stopped])),
      monotonicUs: systemClock.monotonicUs,
      signal,
      onTrial: (ended) => bar.update(ended),
    });
    bar.finish();
    return tuned;
  } finally {
    await threads.close();
  }
}

/** Rejects when the signal aborts: a thread that computes hears nothing. */
async function aborted(signal: AbortSignal): Promise<never> {
  await untilAborted(signal);
  throw signal.reason;
}
