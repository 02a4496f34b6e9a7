/** The random source: reproducible, uniform, with the moments its distributions promise. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';

const DRAWS = 100_000;

function momentsOf(draw: () => number): { mean: number; variance: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < DRAWS; i++) {
    const x = draw();
    sum += x;
    squares += x * x;
  }
  const mean = sum / DRAWS;
  return { mean, variance: squares / DRAWS - mean * mean };
}

describe('createRandom', () => {
  it('repeats itself for the same seed, bit for bit', () => {
    const random = createRandom(42);
    expect([random.next(), random.normal(), random.integer(1e9), random.poisson(40), random.exponential(3)]).toMatchInlineSnapshot(`
      [
        0.4383597464804181,
        -1.0508885104168073,
        907354033,
        49,
        1.2333041883177005,
      ]
    `); // prettier-ignore
  });

  it('differs between seeds, also beyond 32 bits', () => {
    const firsts = [0, 1, 2, -1, 2 ** 32, 2 ** 33, 2 ** 52].map((seed) => createRandom(seed).next());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('refuses a seed that is not a number', () => {
    expect(() => createRandom(NaN)).toThrow(RangeError);
  });

  it('spreads next() evenly over [0, 1)', () => {
    const random = createRandom(1);
    const bins = new Float64Array(100);
    for (let i = 0; i < DRAWS; i++) {
      const x = random.next();
      if (!(x >= 0 && x < 1)) expect.fail(`${x} lies outside [0, 1)`);
      bins[Math.floor(x * bins.length)]! += 1;
    }
    const expected = DRAWS / bins.length;
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: 0.1 % quantiles 60.0 and 148.2.
    expect(chiSquare).toBeGreaterThan(60);
    expect(chiSquare).toBeLessThan(148.2);
  });

  it('gives the moments of each distribution', () => {
    const random = createRandom(2);
    const normal = momentsOf(() => random.normal());
    expect(normal.mean).toBeCloseTo(0, 1.5);
    expect(normal.variance).toBeCloseTo(1, 1.5);
    const exponential = momentsOf(() => random.exponential(5));
    expect(exponential.mean / 5).toBeCloseTo(1, 1.5);
    expect(exponential.variance / 25).toBeCloseTo(1, 1);
    for (const mean of [0, 0.3, 7, 16, 50]) {
      const poisson = momentsOf(() => random.poisson(mean));
      expect(Math.abs(poisson.mean - mean)).toBeLessThan(0.03 * Math.sqrt(mean) + 1e-12);
      expect(Math.abs(poisson.variance - mean)).toBeLessThan(0.03 * mean + 1e-12);
    }
  });

  it('draws integers below n only, each as often', () => {
    const random = createRandom(3);
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('shuffles into every order equally often', () => {
    const random = createRandom(4);
    const orders = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle([1, 2, 3, 4]).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    for (const count of orders.values()) expect(Math.abs(count - 1_000)).toBeLessThan(160);
  });

  it('forks independent streams that do not depend on what was drawn before', () => {
    const random = createRandom(5);
    const early = random.fork(1).next();
    random.next();
    expect(random.fork(1).next()).toBe(early);
    const firsts = Array.from({ length: 1_000 }, (_, stream) => random.fork(stream).next());
    expect(new Set(firsts).size).toBe(1_000);
    let correlation = 0;
    const [left, right] = [random.fork(10), random.fork(11)];
    for (let i = 0; i < DRAWS; i++) correlation += (left.next() - 0.5) * (right.next() - 0.5);
    expect(Math.abs((correlation / DRAWS) * 12)).toBeLessThan(0.015);
  });
});
