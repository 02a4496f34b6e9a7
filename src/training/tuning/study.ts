/** A study: settings tried so far, what to try next, and which trial is not worth finishing. */
import { createRandom } from '../../stats/random.ts';
import { type Pruning, shouldPrune, type Steps } from './pruning.ts';
import { requireSpace, type Settings, type Space } from './space.ts';
import { randomSettings, suggest, type Tried } from './tpe.ts';

export interface Trial {
  /** 0, 1, 2, … in the order they were begun. */
  readonly number: number;
  readonly settings: Settings;
  /** Running means of the quality over folds, larger better. */
  readonly steps: Steps;
  /** `failed`: these settings cannot be fitted. */
  readonly state: 'complete' | 'pruned' | 'failed';
  readonly seconds: number;
}

export interface StudyPlan {
  readonly space: Space;
  readonly seed: number;
  /** Trials at random before the estimator has something to go by. */
  readonly startup: number;
  readonly pruning: Pruning;
}

export interface Study {
  /** By number. */
  readonly trials: () => readonly Trial[];
  /** The next trial to run; it counts as running until it is told. */
  ask(): Pick<Trial, 'number' | 'settings'>;
  /** Whether a running trial that has come as far as `steps` should stop. */
  shouldStop(steps: Steps): boolean;
  tell(trial: Trial): void;
  /** The best that ended; undefined before the first. */
  best(): Trial | undefined;
}

/** The quality of a trial: its last running mean. */
export const valueOf = ({ steps }: Pick<Trial, 'steps'>): number => steps.at(-1) ?? -Infinity;

/**
 * A study that goes on after `done`. One trial at a time, the same plan and trials give the same suggestions, whether
 * it was interrupted or not; several at a time depend on which ends first.
 */
export function createStudy({ space, seed, startup, pruning }: StudyPlan, done: readonly Trial[] = []): Study {
  requireSpace(space);
  const random = createRandom(seed);
  const ended = new Map(done.map((trial) => [trial.number, trial]));
  const running = new Map<number, Settings>();
  let next = 0;

  const tried = (): Tried[] => [
    ...[...ended.values()]
      .toSorted((a, b) => a.number - b.number)
      .map((trial) => ({ settings: trial.settings, value: valueOf(trial), isPruned: trial.state !== 'complete' })),
    ...[...running.values()].map((settings) => ({ settings, value: undefined, isPruned: false })),
  ];

  return {
    trials: () => [...ended.values()].toSorted((a, b) => a.number - b.number),
    ask() {
      while (ended.has(next) || running.has(next)) next++;
      const number = next++;
      // A source of its own for each trial: what was drawn before an interruption need not be drawn again.
      const own = random.fork(number);
      const settings = number < startup ? randomSettings(space, own) : suggest(space, tried(), own);
      running.set(number, settings);
      return { number, settings };
    },
    shouldStop: (steps) =>
      shouldPrune(
        pruning,
        steps,
        [...ended.values()].map((trial) => trial.steps),
      ),
    tell(trial) {
      running.delete(trial.number);
      ended.set(trial.number, trial);
    },
    best: () =>
      [...ended.values()]
        .filter(({ state }) => state === 'complete')
        .toSorted((a, b) => valueOf(b) - valueOf(a) || a.number - b.number)[0],
  };
}
