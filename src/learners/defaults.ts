/** Named learners with their settings: Sentinel's own, and those of well-known libraries for comparison. */
import { createBoostingLearner } from './boosting.ts';
import { createDecisionTreeLearner } from './decision-tree.ts';
import { createEncodedLearner } from './encoded-model.ts';
import { createForestLearner } from './forest.ts';
import { createIsolationForestLearner } from './isolation-forest.ts';
import { createLogisticLearner } from './logistic.ts';
import { type Learner } from './protocol.ts';

/**
 * Slope of the mean loss where scikit-learn stops too; a hundred times finer costs seven times as long and ranks alike.
 */
const RANKING_TOLERANCE = 1e-4;

/** Each takes raw columns, categories included. */
export const LEARNERS = {
  /** scikit-learn's LogisticRegression behind a StandardScaler. */
  logistic: (name: string) =>
    createEncodedLearner(createLogisticLearner(name, { tolerance: RANKING_TOLERANCE }), { encodings: ['one-hot'] }),
  /** scikit-learn's DecisionTreeClassifier(max_depth=2), as the Fraud Detection Handbook uses it. */
  tree: (name: string) => createEncodedLearner(createDecisionTreeLearner(name, { maximumDepth: 2 })),
  /** scikit-learn's RandomForestClassifier: 100 trees to purity, √features at each split. */
  forest: (name: string) => createEncodedLearner(createForestLearner(name)),
  /** XGBoost's XGBClassifier: 100 rounds, depth 6, rate 0.3. */
  'depth-wise': (name: string) =>
    createEncodedLearner(
      createBoostingLearner(name, { growth: 'depth-wise', rounds: 100, learningRate: 0.3, maximumDepth: 6 }),
    ),
  'leaf-wise': (name: string) =>
    createEncodedLearner(createBoostingLearner(name, { growth: 'leaf-wise', rounds: 200, learningRate: 0.05 })),
  /** The same with tests on sets of categories, LightGBM's way with them. */
  'leaf-wise-sets': (name: string) =>
    createEncodedLearner(createBoostingLearner(name, { growth: 'leaf-wise', rounds: 200, learningRate: 0.05 }), {
      encodings: ['codes'],
    }),
  symmetric: (name: string) =>
    createEncodedLearner(
      createBoostingLearner(name, { growth: 'symmetric', rounds: 300, learningRate: 0.05, maximumDepth: 6 }),
      { encodings: ['target', 'frequency'] },
    ),
  /** Needs no labels; a rare category is unusual in itself. */
  'isolation-forest': (name: string) =>
    createEncodedLearner(createIsolationForestLearner(name), { encodings: ['frequency'] }),
} as const satisfies Readonly<Record<string, (name: string) => Learner>>;

export type LearnerName = keyof typeof LEARNERS;

export function createLearner(name: LearnerName): Learner {
  return LEARNERS[name](name);
}
