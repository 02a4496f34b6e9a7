/** What of each learner may be tuned, within which bounds, and the learner that settings make. */
import { SentinelError } from '../../domain/errors.ts';
import { createBalancedBagging } from '../../learners/balanced-bagging.ts';
import { createBoostingLearner } from '../../learners/boosting.ts';
import { createDecisionTreeLearner } from '../../learners/decision-tree.ts';
import { type CategoryEncodings, type LearnerName, LEARNERS } from '../../learners/defaults.ts';
import { createEncodedLearner } from '../../learners/encoded-model.ts';
import { createForestLearner } from '../../learners/forest.ts';
import { createLogisticLearner } from '../../learners/logistic.ts';
import { type Learner } from '../../learners/protocol.ts';
import { type Settings, type Space } from './space.ts';

export interface Tunable {
  readonly space: Space;
  readonly make: (name: string, settings: Settings, encodings?: CategoryEncodings) => Learner;
}

/** Settings found by tuning, by learner. */
export type TunedLearners = Readonly<Partial<Record<LearnerName, Settings>>>;

const real = (from: number, to: number): Space[string] => ({ kind: 'real', from, to });
const magnitude = (from: number, to: number): Space[string] => ({ kind: 'real', from, to, isLogarithmic: true });
const whole = (from: number, to: number): Space[string] => ({ kind: 'whole', from, to });
const wholeMagnitude = (from: number, to: number): Space[string] => ({ kind: 'whole', from, to, isLogarithmic: true });

const BOOSTING_SPACE: Space = {
  rounds: wholeMagnitude(50, 600),
  learningRate: magnitude(0.01, 0.3),
  minimumChildWeight: magnitude(0.1, 30),
  l2: magnitude(0.1, 100),
  rowShare: real(0.4, 1),
  columnShare: real(0.2, 1),
  positiveWeight: magnitude(1, 30),
  startsEven: { kind: 'choice', values: [0, 1] },
};

type Growth = 'leaf-wise' | 'depth-wise' | 'symmetric';

const boosting =
  (growth: Growth) =>
  (name: string, settings: Settings, encodings?: CategoryEncodings): Learner => {
    const used = growth === 'symmetric' ? (['target', 'frequency'] as const) : encodings;
    return createEncodedLearner(createBoostingLearner(name, { ...settings, growth }), used && { encodings: used });
  };

const TUNABLE: Readonly<Record<string, Tunable>> = {
  logistic: {
    space: { inversePenalty: magnitude(1e-4, 100), absoluteShare: real(0, 1) },
    make: (name, settings) =>
      createEncodedLearner(createLogisticLearner(name, { tolerance: 1e-4, ...settings }), { encodings: ['one-hot'] }),
  },
  tree: {
    space: { maximumDepth: whole(1, 10), minimumChildWeight: wholeMagnitude(1, 300) },
    make: (name, settings) => createEncodedLearner(createDecisionTreeLearner(name, settings)),
  },
  forest: {
    space: {
      trees: wholeMagnitude(30, 300),
      minimumChildWeight: magnitude(0.5, 30),
      maximumDepth: wholeMagnitude(4, 40),
      balanced: { kind: 'choice', values: [0, 1] },
    },
    make: (name, settings) => createEncodedLearner(createForestLearner(name, settings)),
  },
  'depth-wise': { space: { ...BOOSTING_SPACE, maximumDepth: whole(2, 9) }, make: boosting('depth-wise') },
  'leaf-wise': { space: { ...BOOSTING_SPACE, maximumLeaves: wholeMagnitude(4, 64) }, make: boosting('leaf-wise') },
  symmetric: { space: { ...BOOSTING_SPACE, maximumDepth: whole(2, 8) }, make: boosting('symmetric') },
  'balanced-bagging': {
    space: {
      bags: wholeMagnitude(4, 30),
      genuinePerFraud: magnitude(0.5, 20),
      rounds: wholeMagnitude(20, 200),
      learningRate: magnitude(0.02, 0.3),
      maximumDepth: whole(2, 6),
    },
    make: (name, { bags, genuinePerFraud, ...settings }) =>
      createEncodedLearner(
        createBalancedBagging(name, (bag) => createBoostingLearner(bag, { ...settings, growth: 'symmetric' }), {
          ...(bags !== undefined && { bags }),
          ...(genuinePerFraud !== undefined && { genuinePerFraud }),
        }),
      ),
  },
};

/** Learners that can be tuned. */
export const TUNABLE_LEARNERS = Object.keys(LEARNERS).filter((name): name is LearnerName => Object.hasOwn(TUNABLE, name)); // prettier-ignore

/** The space of a learner and how settings make it. USAGE for one that has nothing to tune. */
export function tunableOf(name: string): Tunable {
  const tunable = Object.hasOwn(TUNABLE, name) ? TUNABLE[name] : undefined;
  if (tunable !== undefined) return tunable;
  const problem = `${name} is no learner that can be tuned; there are ${TUNABLE_LEARNERS.join(', ')}`;
  throw new SentinelError('USAGE', { problem });
}

/** A learner with the settings found for it. */
export function tunedLearner(name: string, settings: Settings, encodings?: CategoryEncodings): Learner {
  return tunableOf(name).make(name, settings, encodings);
}
