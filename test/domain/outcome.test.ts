import { expect, it } from 'vitest';
import { leastShownAs, SCORE_SCALE } from '../../src/domain/outcome.ts';
import { roundScore } from '../../src/wire/decision.ts';

it('a score asked for is met by all probabilities that are shown as it, and by none shown as less', () => {
  for (let step = 1; step <= SCORE_SCALE; step++) {
    const score = step / SCORE_SCALE;
    const least = leastShownAs(score);
    expect(roundScore(least + 1e-12)).toBe(score);
    expect(roundScore(least - 1e-12)).toBeLessThan(score);
  }
});
