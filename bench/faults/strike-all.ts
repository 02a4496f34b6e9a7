/** Strikes every fault ordered, in random order at random moments: workers in one lane, everything else in another. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random } from '../../src/stats/random.ts';
import { type FaultKind, type FaultWorld, pauseUpTo } from './fault.ts';
import { FAULT_KINDS } from './fault-kinds.ts';

export interface Strike {
  readonly kind: string;
  readonly fromMs: number;
  /** When the next one of its lane struck. */
  readonly toMs: number;
}

export interface StrikeOptions {
  /** How many by the kind's name; kinds not named strike as often as usual. */
  readonly counts: ReadonlyMap<string, number>;
  readonly world: Omit<FaultWorld, 'random'>;
  readonly random: Random;
  /** Whether payments are being answered just now. */
  readonly isFlowing: () => boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Between two faults of a lane, once payments flow again. */
const LONGEST_PAUSE_MS = 2_000;
/** Of faults: they strike whatever the last one has left behind. */
const UPON_ANOTHER = 0.25;
const FLOW_MS = 30_000;
const LOOK_EVERY_MS = 50;
const STREAMS = { workers: 1, rest: 2 } as const satisfies Record<FaultKind['lane'], number>;

export async function strikeAll(options: StrikeOptions): Promise<readonly Strike[]> {
  const lanes = await Promise.all([strikeLane('workers', options), strikeLane('rest', options)]);
  return lanes.flat();
}

async function strikeLane(lane: FaultKind['lane'], options: StrikeOptions): Promise<readonly Strike[]> {
  const { counts, isFlowing, say, signal } = options;
  const random = options.random.fork(STREAMS[lane]);
  const kinds = FAULT_KINDS.filter((kind) => kind.lane === lane);
  const order = random.shuffle(kinds.flatMap((kind) => Array.from({ length: countOf(kind, counts) }, () => kind)));
  const struck = new Map<FaultKind, number>();
  const begun: { readonly kind: string; readonly fromMs: number }[] = [];
  for (const [index, kind] of order.entries()) {
    signal.throwIfAborted();
    if (random.next() >= UPON_ANOTHER) {
      for (const until = performance.now() + FLOW_MS; !isFlowing() && performance.now() < until;) await sleep(LOOK_EVERY_MS); // prettier-ignore
    }
    await pauseUpTo(LONGEST_PAUSE_MS, random);
    const nth = struck.get(kind) ?? 0;
    struck.set(kind, nth + 1);
    begun.push({ kind: kind.name, fromMs: performance.now() });
    say(`${lane} ${index + 1} of ${order.length}: ${kind.name}, number ${nth + 1}`);
    await kind.strike({ ...options.world, random }, nth);
  }
  const endMs = performance.now();
  return begun.map((strike, index) => ({ ...strike, toMs: begun[index + 1]?.fromMs ?? endMs }));
}

export function countOf({ name, usual }: FaultKind, counts: StrikeOptions['counts']): number {
  return counts.get(name) ?? usual;
}
