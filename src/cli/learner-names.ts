/** Learners as they are named on the command line. */
import { SentinelError } from '../domain/errors.ts';
import { createLearner, type LearnerName, LEARNERS } from '../learners/defaults.ts';
import { type ClassWeight, createWeightedLearner } from '../learners/class-weights.ts';
import { type Learner } from '../learners/protocol.ts';
import { type TunedLearners, tunedLearner } from '../training/tuning/learner-spaces.ts';
import { type Option } from './command.ts';

export const LEARNER_NAMES = Object.keys(LEARNERS) as readonly LearnerName[]; // the keys of a closed table

/** `--learners NAMES`. */
export function learnersOption(initial: readonly LearnerName[]): Option {
  return {
    name: 'learners',
    type: 'text',
    value: 'NAMES',
    default: initial.join(','),
    sentence: `Learners to fit and stack, separated by commas, of ${LEARNER_NAMES.join(', ')}.`,
  };
}

/** How the learners named are to differ from their defaults. */
export interface LearnerChanges {
  readonly classWeight?: ClassWeight;
  /** Settings found by tuning, by learner. */
  readonly tuned?: TunedLearners;
}

/** The learners named; USAGE for a name that is not known or comes twice. */
export function learnersOf(names: string, { classWeight = 1, tuned = {} }: LearnerChanges = {}): readonly Learner[] {
  const wanted = names.split(',').map((name) => name.trim());
  return wanted.map((name, index) => {
    if (!Object.hasOwn(LEARNERS, name) || wanted.indexOf(name) !== index) {
      const problem = Object.hasOwn(LEARNERS, name)
        ? `the learner ${name} is named twice`
        : `no learner is called ${name}`;
      throw new SentinelError('USAGE', { problem: `${problem}; known are ${LEARNER_NAMES.join(', ')}` });
    }
    const known = name as LearnerName; // checked just above
    const learner = tuned[known] === undefined ? createLearner(known) : tunedLearner(known, tuned[known]);
    return classWeight === 1 ? learner : createWeightedLearner(learner, classWeight);
  });
}
