/** Named learners with their settings: Sentinel's own, and those of well-known libraries for comparison. */
import { createBalancedBagging } from './balanced-bagging.ts';
import { createBoostingLearner } from './boosting.ts';
import { createDecisionTreeLearner } from './decision-tree.ts';
import { createEncodedLearner } from './encoded-model.ts';
import { type Encoding, type EncodingPlan } from './encoder.ts';
import { createForestLearner } from './forest.ts';
import { createIsolationForestLearner } from './isolation-forest.ts';
import { createLogisticLearner } from './logistic.ts';
import { type Learner } from './protocol.ts';

/**
 * Slope of the mean loss where scikit-learn stops too; a hundred times finer costs seven times as long and ranks alike.
 */
const RANKING_TOLERANCE = 1e-4;

/** How categories reach learners without a way of their own with them; rank by frequency when absent. */
export type CategoryEncodings = readonly Encoding[];

const encodedBy = (encodings: CategoryEncodings | undefined): Partial<EncodingPlan> =>
  encodings === undefined ? {} : { encodings };

// docs/adr/0045-boosting-begins-even.md says why they start even.
const DEPTH_WISE = { growth: 'depth-wise', rounds: 100, learningRate: 0.3, maximumDepth: 6, startsEven: 1 } as const;
const LEAF_WISE = { growth: 'leaf-wise', rounds: 200, learningRate: 0.05, startsEven: 1 } as const;
const SYMMETRIC = { growth: 'symmetric', rounds: 300, learningRate: 0.05, maximumDepth: 6, startsEven: 1 } as const;

/** Each takes raw columns, categories included. */
export const LEARNERS = {
  /** scikit-learn's LogisticRegression behind a StandardScaler. */
  logistic: (name: string) =>
    createEncodedLearner(createLogisticLearner(name, { tolerance: RANKING_TOLERANCE }), { encodings: ['one-hot'] }),
  /** scikit-learn's DecisionTreeClassifier(max_depth=2), as the Fraud Detection Handbook uses it. */
  tree: (name: string) => createEncodedLearner(createDecisionTreeLearner(name, { maximumDepth: 2 })),
  /** scikit-learn's RandomForestClassifier: 100 trees to purity, √features at each split. */
  forest: (name: string) => createEncodedLearner(createForestLearner(name)),
  /** XGBoost's XGBClassifier before version 2: 100 rounds, depth 6, rate 0.3, a base score of one half. */
  'depth-wise': (name: string, encodings?: CategoryEncodings) =>
    createEncodedLearner(createBoostingLearner(name, DEPTH_WISE), encodedBy(encodings)),
  'leaf-wise': (name: string, encodings?: CategoryEncodings) =>
    createEncodedLearner(createBoostingLearner(name, LEAF_WISE), encodedBy(encodings)),
  /** The same with tests on sets of categories, LightGBM's way with them. */
  'leaf-wise-sets': (name: string) =>
    createEncodedLearner(createBoostingLearner(name, LEAF_WISE), { encodings: ['codes'] }),
  symmetric: (name: string) =>
    createEncodedLearner(createBoostingLearner(name, SYMMETRIC), { encodings: ['target', 'frequency'] }),
  /** Ten small boosted models, each of all frauds and as many genuine payments. */
  'balanced-bagging': (name: string) =>
    createEncodedLearner(
      createBalancedBagging(name, (bag) =>
        createBoostingLearner(bag, { growth: 'symmetric', rounds: 60, learningRate: 0.1, maximumDepth: 4 }),
      ),
    ),
  /** Needs no labels; a rare category is unusual in itself. */
  'isolation-forest': (name: string) =>
    createEncodedLearner(createIsolationForestLearner(name), { encodings: ['frequency'] }),
} as const satisfies Readonly<Record<string, (name: string, encodings?: CategoryEncodings) => Learner>>;

export type LearnerName = keyof typeof LEARNERS;

/** Throws RangeError for a name that is not in the table. */
export function createLearner(name: LearnerName, encodings?: CategoryEncodings): Learner {
  if (!Object.hasOwn(LEARNERS, name)) {
    throw new RangeError(`invalid learner: ${name} (expected one of ${Object.keys(LEARNERS).join(', ')})`);
  }
  return LEARNERS[name](name, encodings);
}
