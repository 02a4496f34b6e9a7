/** What an ONNX operator for trees or linear models scores with. */
import { type Columns, type Model } from '../../learners/protocol.ts';

export interface OnnxScores {
  /** Over features; its margin grows with the score of fraud. */
  readonly model: Model;
  /** The same model explained against rows. */
  readonly referredTo: (rows: Columns) => Model;
  /** The operator gives several values, whose sum is the margin: an operator that sums must follow. */
  readonly needsSum: boolean;
}
