/** A library outside this process that learns from columns and writes what it learned in a format of its own. */
import { type Format } from '../formats/read-model.ts';
import { type TrainingSet } from '../learners/protocol.ts';

export interface NativeEngine {
  readonly name: string;
  readonly format: Format;
  /**
   * The bytes of a model of the columns, all numeric, whose features are named f0, f1, … in their order; nothing else
   * happens meanwhile. `validation` stops it early. Throws ENGINE_FAILED.
   */
  train(training: TrainingSet, options: { readonly seed: number; readonly validation?: TrainingSet }): Uint8Array;
}
