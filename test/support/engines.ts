/** A feature engine for tests, and ways to run a history through one. */
import { DAY_MS } from '../../src/domain/time.ts';
import { type Arrival } from '../../src/domain/transaction.ts';
import { createFeatureEngine, type FeatureEngine, type FeatureSettings } from '../../src/features/engine.ts';
import { type Step } from './histories.ts';

export function anEngine(overrides: Partial<FeatureSettings> = {}): FeatureEngine {
  return createFeatureEngine({
    catalogue: 'sentinel',
    labelDelayMs: 7 * DAY_MS,
    utcOffsetMinutes: 0,
    merchantWindows: 'exact',
    ...overrides,
  });
}

export function vectorOf(engine: FeatureEngine, arrival: Arrival): Float64Array {
  const out = new Float64Array(engine.catalogue.features.length);
  engine.read(arrival, out);
  return out;
}

/** Folds the steps and returns the vector each payment was read as, in order. */
export function run(engine: FeatureEngine, steps: readonly Step[]): readonly Float64Array[] {
  const vectors: Float64Array[] = [];
  for (const step of steps) {
    if (step.type === 'label') engine.label(step.label);
    else {
      vectors.push(vectorOf(engine, step.arrival));
      engine.update(step.arrival, step.outcome);
    }
  }
  return vectors;
}

/** A vector by feature name. */
export function named(engine: FeatureEngine, vector: Float64Array): Readonly<Record<string, number>> {
  return Object.fromEntries(engine.catalogue.features.map(({ name }, index) => [name, vector[index]!]));
}
