/** What one look at what is left has found. */

export interface Finding {
  /** What was compared with what. */
  readonly what: string;
  /** Things looked at. */
  readonly counted: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Things that are there and not as they should be. */
  readonly differing: number;
  /** Sentences about the first of them. */
  readonly examples: readonly string[];
}

export interface Tally {
  /** Looks at this many things. */
  count(things: number): void;
  lost(example: string, times?: number): void;
  duplicated(example: string, times?: number): void;
  differs(example: string): void;
  finding(): Finding;
}

const EXAMPLES = 10;

export function createTally(what: string): Tally {
  const counts = { counted: 0, lost: 0, duplicated: 0, differing: 0 };
  const examples: string[] = [];
  const note = (kind: 'lost' | 'duplicated' | 'differing', example: string, times: number): void => {
    counts[kind] += times;
    if (examples.length < EXAMPLES) examples.push(`${kind}: ${example}`);
  };
  return {
    count: (things) => void (counts.counted += things),
    lost: (example, times = 1) => note('lost', example, times),
    duplicated: (example, times = 1) => note('duplicated', example, times),
    differs: (example) => note('differing', example, 1),
    finding: () => ({ what, ...counts, examples }),
  };
}

/** How often each name comes. */
export function countsOf(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
