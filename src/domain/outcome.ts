/** What may be decided about a payment, ordered by severity. */

export const OUTCOMES = ['approve', 'review', 'block'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The more severe of two outcomes: approve < review < block. */
export function mostSevere(a: Outcome, b: Outcome): Outcome {
  return OUTCOMES.indexOf(a) >= OUTCOMES.indexOf(b) ? a : b;
}

export const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const;
/** low below the review threshold, medium below block, high from block, critical when a block rule or list fired. */
export type RiskLevel = (typeof RISK_LEVELS)[number];

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Scores are shown in so many steps from 0 to 1: four decimals. */
export const SCORE_SCALE = 1e4;

/** The least probability that is shown as `score` or more: whoever asks for scores goes by those he sees. */
export function leastShownAs(score: number): number {
  const steps = Math.ceil(Number((score * SCORE_SCALE).toFixed(6))); // 0.0007 times the scale is a little above 7
  return (steps - 0.5) / SCORE_SCALE;
}

/** How sure the score is of fraud: high from 0.8, medium from 0.5, else low. */
export function confidenceOf(probability: number): Confidence {
  if (probability >= 0.8) return 'high';
  return probability >= 0.5 ? 'medium' : 'low';
}
