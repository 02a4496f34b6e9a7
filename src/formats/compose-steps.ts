/** Two encodings after each other as one: what a format says only once. */
import { type Step } from '../learners/encoder.ts';
import { refused } from './place.ts';

type Mapped = Extract<Step, { readonly unknown: number }>;

/** The steps that lead from raw columns to what `inner` makes of the columns that `outer` makes. */
export function composeSteps(outer: readonly Step[], inner: readonly Step[]): readonly Step[] {
  const columns = outer.flatMap((step) =>
    step.encoding === 'one-hot' ? new Array<undefined>(step.keys.length + 1).fill(undefined) : [step],
  );
  return inner.map((step): Step => {
    const first = columns[step.source];
    if (first === undefined) throw refused('model', 'encodes columns of a one-hot encoding again');
    if (step.encoding === 'copy') return first;
    if (first.encoding === 'copy') return { ...step, source: first.source };
    if (step.encoding === 'one-hot') throw refused('model', 'has a one-hot encoding of encoded columns');
    return {
      ...first,
      values: first.values.map((value) => valueOf(step, value)),
      unknown: valueOf(step, first.unknown),
    };
  });
}

function valueOf({ keys, values, unknown }: Mapped, key: number): number {
  const place = keys.indexOf(key);
  return place < 0 ? unknown : values[place]!;
}
