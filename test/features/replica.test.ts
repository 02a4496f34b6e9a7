import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTITY_KINDS } from '../../src/domain/entity.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { createFeatureEngine, type FeatureSettings } from '../../src/features/engine.ts';
import { blockedEvent, labelEvent } from '../../src/features/entity-event.ts';
import { effectiveTimeMs } from '../../src/features/event-time.ts';
import { createReplica, entityKey, type EntityPart, type Replica } from '../../src/features/replica.ts';
import { NO_TABLES, type SlowTables } from '../../src/features/slow-tables.ts';
import { histories, roundHistories, type Step } from '../support/histories.ts';
import { createSharedHistories } from '../support/shared-histories.ts';

const SETTINGS: FeatureSettings = {
  catalogue: 'sentinel',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
};

/** What else happens at a step: who folds it, whether it starts anew, which entity is compacted before. */
interface Turn {
  readonly replica: number;
  readonly restarts: boolean;
  readonly compacts: number | undefined;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  replica: fc.integer({ min: 0, max: 2 }),
  restarts: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  compacts: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 2, nil: undefined }),
});
const turns = fc.array(turn, { minLength: 40, maxLength: 40 });

/** Runs a history through one engine and through several replicas at once; calls `compare` with each pair of vectors. */
function runBoth(
  settings: FeatureSettings,
  steps: readonly Step[],
  drawn: readonly Turn[],
  compare: (whole: Float64Array, shared: Float64Array) => void,
): { engine: ReturnType<typeof createFeatureEngine>; shared: ReturnType<typeof createSharedHistories> } {
  const engine = createFeatureEngine(settings);
  const shared = createSharedHistories();
  let tables: SlowTables = NO_TABLES;
  const anEmptyReplica = (): Replica => {
    const replica = createReplica(settings);
    replica.publish(tables);
    return replica;
  };
  const replicas = [anEmptyReplica(), anEmptyReplica(), anEmptyReplica()];
  const seen = new Map<string, EntityPart>();
  const width = engine.catalogue.features.length;
  const [whole, own] = [new Float64Array(width), new Float64Array(width)];
  steps.forEach((step, i) => {
    const { replica: which, restarts, compacts } = drawn[i % drawn.length]!;
    if (restarts) replicas[which] = anEmptyReplica();
    const replica = replicas[which]!;
    if (step.type === 'label') {
      const { label, payment, previous, seq } = step.label;
      engine.label(step.label);
      const event = labelEvent(label, previous, payment);
      for (const kind of ENTITY_KINDS) {
        const id = payment.entities[kind];
        if (id !== undefined && event !== undefined) shared.append(entityKey(kind, id), seq, label.arrivalMs, event);
      }
      return;
    }
    const { arrival, outcome } = step;
    const due = engine.tablesDue(arrival.arrivalMs);
    if (due !== undefined) for (const each of [engine, ...replicas]) each.publish((tables = due));
    const parts = replica.partsOf(arrival);
    for (const part of parts) seen.set(Buffer.from(part.key).toString('hex'), part);
    const late = engine.read(arrival, whole);
    expect(replica.catchUp(parts, parts.map(shared.piece))).toBe(true);
    expect(replica.read(arrival, own)).toBe(late);
    compare(whole, own);
    engine.update(arrival, outcome);
    replica.add(parts, arrival.arrivalMs);
    for (const { key, event } of parts) shared.append(key, arrival.seq, arrival.arrivalMs, event);
    if (outcome === 'block') {
      for (const { key } of parts)
        shared.append(key, arrival.seq, arrival.arrivalMs, blockedEvent(effectiveTimeMs(arrival)));
    }
    const chosen = compacts === undefined ? undefined : [...seen.values()][compacts % seen.size];
    if (chosen !== undefined) shared.compact(chosen, anEmptyReplica());
  });
  return { engine, shared };
}

const namedBits = (vector: Float64Array): string => Buffer.from(vector.buffer).toString('hex');

describe('a replica of shared profiles', () => {
  it.each([
    ['tiled', SETTINGS, histories(40)],
    ['exact', { ...SETTINGS, merchantWindows: 'exact' }, roundHistories(40)],
    ['handbook', { ...SETTINGS, catalogue: 'handbook', merchantWindows: 'exact' }, histories(40)],
  ] as const)('reads what one engine reads that folds everything, bit for bit (%s)', (_, settings, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, turns, (steps, drawn) => {
        runBoth(settings, steps, drawn, (whole, own) => {
          expect(namedBits(own)).toEqual(namedBits(whole));
        });
      }),
      { numRuns: 100 },
    );
  });
});
