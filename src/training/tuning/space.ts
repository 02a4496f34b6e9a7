/** What may be tuned: ranges of numbers and lists of choices, each mapped to the unit interval and back. */
import { exp, log } from '../../stats/elementary.ts';

export type Dimension =
  | {
      readonly kind: 'real' | 'whole';
      readonly from: number;
      readonly to: number;
      /** Searched by order of magnitude; `from` is above 0 then. */
      readonly isLogarithmic?: boolean;
    }
  | { readonly kind: 'choice'; readonly values: readonly number[] };

export type Space = Readonly<Record<string, Dimension>>;
/** A value of every dimension of a space. */
export type Settings = Readonly<Record<string, number>>;

const isLogarithmic = (dimension: Dimension): boolean =>
  dimension.kind !== 'choice' && dimension.isLogarithmic === true;

/** The place of a value of a range in 0..1. */
export function unitOf(dimension: Exclude<Dimension, { kind: 'choice' }>, value: number): number {
  const { from, to } = dimension;
  if (from === to) return 0.5;
  if (isLogarithmic(dimension)) return (log(value) - log(from)) / (log(to) - log(from));
  return (value - from) / (to - from);
}

/** The value at a place in 0..1, whole where it has to be, never outside the range. */
export function valueAt(dimension: Exclude<Dimension, { kind: 'choice' }>, unit: number): number {
  const { from, to, kind } = dimension;
  const raw = isLogarithmic(dimension) ? exp(log(from) + unit * (log(to) - log(from))) : from + unit * (to - from);
  const value = kind === 'whole' ? Math.round(raw) : raw;
  return Math.min(to, Math.max(from, value));
}

/** RangeError naming the first dimension that cannot be searched. */
export function requireSpace(space: Space): void {
  for (const [name, dimension] of Object.entries(space)) {
    const isSound =
      dimension.kind === 'choice'
        ? dimension.values.length > 0
        : dimension.from <= dimension.to && (!isLogarithmic(dimension) || dimension.from > 0);
    if (!isSound) throw new RangeError(`invalid dimension ${name}: ${JSON.stringify(dimension)}`);
  }
}
