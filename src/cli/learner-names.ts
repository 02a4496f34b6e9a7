/** Learners as they are named on the command line. */
import { ENGINE_NAMES, findEngine } from '../adapters/python/engines.ts';
import { createNativeEngine } from '../adapters/python/native-engine.ts';
import { SentinelError } from '../domain/errors.ts';
import { type CategoryEncodings, createLearner, type LearnerName, LEARNERS } from '../learners/defaults.ts';
import { type ClassWeight, createWeightedLearner } from '../learners/class-weights.ts';
import { type Learner } from '../learners/protocol.ts';
import { type TunedLearners, tunedLearner } from '../training/tuning/learner-spaces.ts';
import { createNativeLearner } from '../usecases/native-learner.ts';
import { type Option } from './command.ts';

const LEARNER_NAMES = Object.keys(LEARNERS) as readonly LearnerName[]; // the keys of a closed table

/** A native library as a learner: `xgboost-native`. */
const nativeName = (engine: string): string => `${engine}-native`;

/** `--learners NAMES`; `native` where libraries that are installed are taken too. */
export function learnersOption(initial: readonly LearnerName[], { native = false } = {}): Option {
  const engines = native ? `; of installed engines (sentinel engines) ${ENGINE_NAMES.map(nativeName).join(', ')}` : '';
  return {
    name: 'learners',
    type: 'text',
    value: 'NAMES',
    default: initial.join(','),
    sentence: `Learners to fit and stack, separated by commas, of ${LEARNER_NAMES.join(', ')}${engines}.`,
  };
}

/** How the learners named are to differ from their defaults. */
export interface LearnerChanges {
  readonly classWeight?: ClassWeight;
  /** Settings found by tuning, by learner. */
  readonly tuned?: TunedLearners;
  readonly encodings?: CategoryEncodings;
}

/**
 * The learners named; USAGE for a name that is not known or comes twice. `enginesRoot` is where native libraries are
 * installed, absent where they are not taken.
 */
export function learnersOf(
  names: string,
  enginesRoot?: string,
  { classWeight = 1, tuned = {}, encodings }: LearnerChanges = {},
): readonly Learner[] {
  const wanted = names.split(',').map((name) => name.trim());
  const native = enginesRoot === undefined ? [] : ENGINE_NAMES.map(nativeName);
  const idle = Object.keys(tuned).find((name) => !wanted.includes(name));
  if (idle !== undefined) {
    const problem = `--tuned has settings for ${idle}, which is not among the learners ${wanted.join(', ')}; name it with --learners`;
    throw new SentinelError('USAGE', { problem });
  }
  return wanted.map((name, index) => {
    if (wanted.indexOf(name) !== index) throw unusable(`the learner ${name} is named twice`, native);
    const engine = ENGINE_NAMES.find((known) => nativeName(known) === name);
    if (enginesRoot !== undefined && engine !== undefined) {
      if (classWeight !== 1) throw new SentinelError('USAGE', { problem: `--class-weight: ${name} takes no weights` });
      return createNativeLearner(createNativeEngine(enginesRoot, engine));
    }
    const own = LEARNER_NAMES.find((known) => known === name);
    if (own === undefined) throw unusable(`no learner is called ${name}`, native);
    const settings = tuned[own];
    const learner = settings === undefined ? createLearner(own, encodings) : tunedLearner(own, settings, encodings);
    return classWeight === 1 ? learner : createWeightedLearner(learner, classWeight);
  });
}

/** Versions of the libraries behind the native learners among `learners`. */
export function librariesOf(learners: readonly Learner[], enginesRoot: string): Readonly<Record<string, string>> {
  const used = ENGINE_NAMES.filter((engine) => learners.some(({ name }) => name === nativeName(engine)));
  return Object.assign({}, ...used.map((engine) => findEngine(enginesRoot, engine).versions)) as Record<string, string>;
}

const unusable = (problem: string, native: readonly string[]): SentinelError =>
  new SentinelError('USAGE', { problem: `${problem}; known are ${[...LEARNER_NAMES, ...native].join(', ')}` });
