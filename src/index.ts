/** The library's public face: features, scoring, training and simulation, without the service around them. */
export { type Arrival, type Transaction } from './domain/transaction.ts';
export { type LabelledTransaction } from './domain/labelled-transaction.ts';
export { type Catalogue, HANDBOOK_CATALOGUE, SENTINEL_CATALOGUE } from './features/catalogue.ts';
export { createFeatureEngine, type FeatureEngine, type FeatureSettings } from './features/engine.ts';
export { sentence } from './features/sentences.ts';
export { type Arm, armOf } from './experiments/assignment.ts';
export {
  type ABTestOptions,
  type ABTestResult,
  ABTestSimulation,
  type ArmMetrics,
  type Look,
  type SimulatedPayment,
} from './experiments/ab-test-simulation.ts';
export { clusteredProportion, type ClusterSums, type Proportion } from './experiments/proportion.ts';
export { compareProportions, type Difference } from './experiments/significance.ts';
export { createBalancedBagging } from './learners/balanced-bagging.ts';
export { type ClassWeight, createWeightedLearner } from './learners/class-weights.ts';
export { createLearner, type LearnerName } from './learners/defaults.ts';
export { type Learner, type Model, type TrainingSet } from './learners/protocol.ts';
export { decodeArtifact, encodeArtifact, type ModelArtifact, scorerOf } from './scoring/artifact.ts';
export { type Score, type Scorer } from './scoring/score.ts';
export { simulationOf } from './simulation/scale.ts';
export { createSimulation, type SimulationOptions } from './simulation/simulation.ts';
export { type TrainedEnsemble, trainEnsemble, type TrainingOptions } from './training/pipeline.ts';
export { type TrainingTable } from './training/table.ts';
export { parseThresholdRule } from './training/threshold-words.ts';
export { chooseThresholds, type ThresholdRule } from './training/thresholds.ts';
export { foldsOf, type ValidationPlan } from './training/validation.ts';
export {
  type Payments,
  type TrainedPipeline,
  TrainingPipeline,
  type TrainingPipelineOptions,
} from './usecases/training-pipeline.ts';
