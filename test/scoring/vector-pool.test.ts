/** Pooled arrays: each zero, of the length asked for, and nobody else's. */
import { expect, it } from 'vitest';
import { createVectorPool } from '../../src/scoring/vector-pool.ts';

it('hands out zeros that no other array shares, also across blocks', () => {
  const next = createVectorPool(3);
  const vectors = Array.from({ length: 200 }, (_, place) => {
    const vector = next();
    expect([...vector]).toEqual([0, 0, 0]);
    return vector.fill(place + 1);
  });
  vectors.forEach((vector, place) => expect([...vector]).toEqual([place + 1, place + 1, place + 1]));
});
