/** Tunes a learner: several trials at a time, each kept when it ends, the hopeless left early. */
import { type TrialStore } from '../ports/trial-store.ts';
import { type Steps } from '../training/tuning/pruning.ts';
import { createStudy, type StudyPlan, type Trial } from '../training/tuning/study.ts';

/** How a trial went: its steps, `failed` when the settings could not be fitted. */
export interface TrialOutcome {
  readonly steps: Steps;
  readonly state: Trial['state'];
}

/** Runs one trial at a time; `goesOn` is asked after each step but the last. */
export type TrialRunner = (
  trial: Pick<Trial, 'number' | 'settings'>,
  goesOn: (steps: Steps) => boolean,
) => Promise<TrialOutcome>;

export interface Tuning extends StudyPlan {
  /** Trials in all, those of earlier runs included. */
  readonly trials: number;
  readonly store: TrialStore;
  /** As many trials run at a time. */
  readonly runners: readonly TrialRunner[];
  readonly monotonicUs: () => number;
  readonly signal?: AbortSignal;
  readonly onTrial?: (ended: number, best: Trial | undefined) => void;
}

export interface TunedStudy {
  readonly trials: readonly Trial[];
  /** Undefined when no trial ended well. */
  readonly best: Trial | undefined;
  /** Trials taken over from earlier runs. */
  readonly resumed: number;
}

/** Runs trials until there are enough; rejects with the signal's reason when it aborts, what ended being kept. */
export async function tuneLearner(tuning: Tuning): Promise<TunedStudy> {
  const { store, runners, trials, monotonicUs, signal, onTrial } = tuning;
  const done = await store.load();
  const study = createStudy(tuning, done);
  let begun = done.length;
  onTrial?.(begun, study.best());

  const work = async (run: TrialRunner): Promise<void> => {
    while (begun < trials) {
      signal?.throwIfAborted();
      begun++;
      const asked = study.ask();
      const startedUs = monotonicUs();
      const outcome = await run(asked, (steps) => !study.shouldStop(steps));
      const trial = { ...asked, ...outcome, seconds: (monotonicUs() - startedUs) / 1e6 };
      study.tell(trial);
      await store.append(trial);
      onTrial?.(study.trials().length, study.best());
    }
  };
  await Promise.all(runners.map(work));
  return { trials: study.trials(), best: study.best(), resumed: done.length };
}
