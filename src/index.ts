/** The library's public face: features, scoring, training and simulation, without the service around them. */
export { type AttributeFeature } from './domain/attribute-feature.ts';
export { type Costs } from './domain/costs.ts';
export { type EntityKind } from './domain/entity.ts';
export { SentinelError } from './domain/errors.ts';
export { type Label, type LabelArrival } from './domain/label.ts';
export { type RateTable } from './domain/money.ts';
export { type Outcome } from './domain/outcome.ts';
export { type Arrival, type Transaction } from './domain/transaction.ts';
export { type KnownLabel, type LabelledTransaction } from './domain/labelled-transaction.ts';
export { type Catalogue, HANDBOOK_CATALOGUE, SENTINEL_CATALOGUE } from './features/catalogue.ts';
export { type Feature } from './features/context.ts';
export { type EntityProfile } from './features/describe.ts';
export { createFeatureEngine, type FeatureEngine, type FeatureSettings } from './features/engine.ts';
export { type SlowTables } from './features/slow-tables.ts';
export { sentence } from './features/sentences.ts';
export { type Arm, armOf } from './experiments/assignment.ts';
export { type ABTestResult, ABTestSimulation, type ArmMetrics, type Look } from './experiments/ab-test-simulation.ts';
export { type ABTestOptions, type SimulatedPayment } from './experiments/experiment.ts';
export { clusteredProportion, type ClusterSums, type Proportion } from './experiments/proportion.ts';
export { compareProportions, type Difference } from './experiments/significance.ts';
export { type ReviewAndBlock } from './metrics/money.ts';
export { type Clock } from './ports/clock.ts';
export { type Calibrator } from './learners/calibration/calibrator.ts';
export { createBalancedBagging } from './learners/balanced-bagging.ts';
export { type ClassWeight, createWeightedLearner } from './learners/class-weights.ts';
export { createLearner, type LearnerName } from './learners/defaults.ts';
export { type Learner, type Model, type ModelDocument, type TrainingSet } from './learners/protocol.ts';
export { decodeArtifact, encodeArtifact, type ModelArtifact, scorerOf } from './scoring/artifact.ts';
export { type Score, type Scorer } from './scoring/score.ts';
export { simulationOf } from './simulation/scale.ts';
export { createSimulation, type SimulationOptions } from './simulation/simulation.ts';
export { type RowFold } from './training/cross-validate.ts';
export { type Evaluation } from './training/evaluate.ts';
export { type ScoredSample } from './training/metric-table.ts';
export { type ModelCard } from './training/model-card/card.ts';
export { type TrainedEnsemble, trainEnsemble, type TrainingOptions, type TrainingStage } from './training/pipeline.ts';
export { type TrainingTable } from './training/table.ts';
export { parseThresholdRule } from './training/threshold-words.ts';
export { chooseThresholds, type ThresholdRule, type ThresholdSample } from './training/thresholds.ts';
export { foldsOf, type ValidationPlan } from './training/validation.ts';
export { type DatasetTable } from './usecases/build-training-table.ts';
export { type ReplayedPayment, replayPayments } from './usecases/replay-payments.ts';
export {
  type Payments,
  type TrainedPipeline,
  TrainingPipeline,
  type TrainingPipelineOptions,
} from './usecases/training-pipeline.ts';
