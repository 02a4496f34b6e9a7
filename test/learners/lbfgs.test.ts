/** The minimiser finds minima that are known in closed form. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { minimise } from '../../src/learners/lbfgs.ts';

const OPTIONS = { tolerance: 1e-10, maximumSteps: 500 };
const coordinate = fc.double({ min: -5, max: 5, noNaN: true });
const steepness = fc.double({ min: 0.1, max: 10, noNaN: true });

/** Σ ½·steep·(x − target)². */
const bowl = (targets: readonly number[], steep: readonly number[]) => (point: Float64Array, gradient: Float64Array) =>
  point.reduce((sum, x, index) => {
    gradient[index] = steep[index]! * (x - targets[index]!);
    return sum + (steep[index]! * (x - targets[index]!) ** 2) / 2;
  }, 0);

describe('the minimiser', () => {
  it('finds the bottom of a bowl', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, steepness), { minLength: 1, maxLength: 6 }), (dimensions) => {
        const targets = dimensions.map(([target]) => target);
        const steep = dimensions.map(([, factor]) => factor);
        const found = minimise(bowl(targets, steep), new Float64Array(targets.length), OPTIONS);
        targets.forEach((target, index) => expect(found[index]).toBeCloseTo(target, 7));
      }),
    );
  });

  it('shrinks towards 0 under absolute penalties, and to exactly 0 where they outweigh the slope', () => {
    fc.assert(
      fc.property(coordinate, steepness, fc.double({ min: 0, max: 8, noNaN: true }), (target, steep, penalty) => {
        const [found] = minimise(bowl([target], [steep]), new Float64Array(1), {
          ...OPTIONS,
          absolutePenalty: Float64Array.of(penalty),
        });
        const shrunk = Math.max(0, Math.abs(target) - penalty / steep);
        expect(found).toBeCloseTo(Math.sign(target) * shrunk, 7);
        if (shrunk === 0) expect(Math.abs(found!)).toBe(0);
      }),
    );
  });

  it('arrives under absolute penalties where coordinates go together', () => {
    // ½·Σ steep·(Σ_j mix_ij x_j − target)² with nearly equal columns: correlation .99 and more.
    const size = 12;
    const random = createRandom(7);
    const columns = Array.from({ length: 200 }, () => {
      const common = random.normal();
      return Array.from({ length: size }, () => 0.995 * common + 0.1 * random.normal());
    });
    const targets = columns.map((row) => 2 * row[0]! - 1.5 * row[1]! + 0.3 * row[2]! + random.normal());
    let evaluations = 0;
    const smooth = (point: Float64Array, gradient: Float64Array): number => {
      evaluations++;
      gradient.fill(0);
      return columns.reduce((sum, row, index) => {
        const miss = row.reduce((at, x, place) => at + x * point[place]!, -targets[index]!);
        row.forEach((x, place) => (gradient[place] = gradient[place]! + (x * miss) / columns.length));
        return sum + (miss * miss) / (2 * columns.length);
      }, 0);
    };
    const penalty = 0.002;
    const found = minimise(smooth, new Float64Array(size), {
      tolerance: 1e-8,
      maximumSteps: 500,
      absolutePenalty: new Float64Array(size).fill(penalty),
    });
    expect(evaluations).toBeLessThan(300);
    const gradient = new Float64Array(size);
    smooth(found, gradient);
    found.forEach((x, place) => {
      if (x === 0) expect(Math.abs(gradient[place]!)).toBeLessThanOrEqual(penalty + 1e-7);
      else expect(gradient[place]! + Math.sign(x) * penalty).toBeCloseTo(0, 6);
    });
  });

  it('follows a curved valley', () => {
    const valley = (point: Float64Array, gradient: Float64Array): number => {
      const [x, y] = [point[0]!, point[1]!];
      gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
      gradient[1] = 200 * (y - x * x);
      return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    };
    const found = minimise(valley, Float64Array.of(-1.2, 1), OPTIONS);
    expect(found[0]).toBeCloseTo(1, 6);
    expect(found[1]).toBeCloseTo(1, 6);
  });
});
