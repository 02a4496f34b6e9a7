/** From margins to probabilities: what every calibrator does, and its document. */

export interface CalibratorDocument {
  readonly kind: string;
  readonly [key: string]: unknown;
}

export interface Calibrator {
  readonly kind: string;
  /** Probability of fraud of a margin, 0..1; never falls as the margin rises. */
  apply(margin: number): number;
  toDocument(): CalibratorDocument;
}
