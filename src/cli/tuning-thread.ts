/** The thread that runs trials of a study, one at a time, on a table it shares with the others. */
import { parentPort, workerData } from 'node:worker_threads';
import { once } from 'node:events';
import { giveWay } from '../adapters/system/give-way.ts';
import { type CategoryEncodings } from '../learners/defaults.ts';
import { type RowFold } from '../training/cross-validate.ts';
import { type TrainingTable } from '../training/table.ts';
import { tunedLearner } from '../training/tuning/learner-spaces.ts';
import { trialSteps } from '../training/tuning/run-trial.ts';
import { type Settings } from '../training/tuning/space.ts';
import { type TrialOutcome } from '../usecases/tune-learner.ts';

/** What the thread is given. */
export interface TuningOrder {
  readonly learner: string;
  readonly table: TrainingTable;
  readonly folds: readonly RowFold[];
  readonly seed: number;
  readonly encodings?: CategoryEncodings;
}

/** From the thread: how far the trial has come, or how it ended. */
export type TuningReport = { readonly steps: readonly number[] } | { readonly outcome: TrialOutcome };
/** To the thread: settings to try, or whether to go on with them. */
export type TuningWord = { readonly settings: Settings } | { readonly goesOn: boolean };

giveWay();

const port = parentPort!;
const { learner, table, folds, seed, encodings } = workerData as TuningOrder; // set by tuning-runners.ts
const report = (message: TuningReport): void => port.postMessage(message);

async function nextWord(): Promise<TuningWord> {
  const [word] = (await once(port, 'message')) as [TuningWord]; // only tuning-runners.ts writes to this port
  return word;
}

async function runTrial(settings: Settings): Promise<TrialOutcome> {
  const steps: number[] = [];
  try {
    for (const value of trialSteps(tunedLearner(learner, settings, encodings), table, folds, seed)) {
      steps.push(value);
      if (steps.length === folds.length) break;
      report({ steps });
      const word = await nextWord();
      if ('goesOn' in word && !word.goesOn) return { steps, state: 'pruned' };
    }
    return { steps, state: 'complete' };
  } catch (error) {
    // Settings out of a learner's own bounds end their trial, not the study.
    if (error instanceof RangeError) return { steps, state: 'failed' };
    throw error;
  }
}

for (;;) {
  const word = await nextWord();
  if ('settings' in word) report({ outcome: await runTrial(word.settings) });
}
