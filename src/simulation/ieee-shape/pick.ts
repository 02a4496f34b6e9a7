/** One of several things, each as often as its weight says. */
import { type Random } from '../../stats/random.ts';

/** Weights sum to 1. */
export function pick<T extends { readonly weight: number }>(random: Random, among: readonly T[]): T {
  let left = random.next();
  for (const each of among) if ((left -= each.weight) < 0) return each;
  return among.at(-1)!;
}
