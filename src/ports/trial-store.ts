/** Where the trials of a study are kept, so that an interrupted one goes on where it stopped. */
import { type Trial } from '../training/tuning/study.ts';

export interface TrialStore {
  /** All trials appended so far, in that order; none for a new study. Rejects when they are of another study. */
  load(): Promise<readonly Trial[]>;
  /** Durable when it resolves; calls may overlap, each trial is kept whole or not at all. */
  append(trial: Trial): Promise<void>;
}
