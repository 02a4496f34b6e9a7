/** What the model in service is. */
import { type ModelStage } from '../ports/model-registry.ts';

export interface ModelInfo {
  /** Kinds of the learners in the stack and how they are joined. */
  readonly modelType: string;
  readonly modelVersion: string;
  readonly stage: ModelStage;
  /** Metrics on the test period, by name. */
  readonly trainingMetrics: Readonly<Record<string, number>>;
  /** When it was trained, epoch milliseconds. */
  readonly trainedMs: number;
  /** Names of the features it may read, in catalogue order: none that it was kept from. */
  readonly features: readonly string[];
  /** Probabilities from which the policy reviews and blocks. */
  readonly thresholds: { readonly review: number; readonly block: number };
  readonly calibration: {
    readonly method: string;
    /** Expected calibration error and Brier score on the test period. */
    readonly ece: number;
    readonly brier: number;
  };
}
