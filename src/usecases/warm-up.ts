/** Simulated payments through the whole decision path before the first real one, so that it finds compiled code. */
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { type Clock } from '../ports/clock.ts';
import { type Journal } from '../ports/journal.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { simulationOf } from '../simulation/scale.ts';
import { createSimulation } from '../simulation/simulation.ts';
import { createFold } from './fold.ts';
import { type Champion, createScoreTransaction } from './score-transaction.ts';

/** V8 compiles the path fully after some thousand calls; 4,000 take a fraction of a second. */
const PAYMENTS = 4_000;
const USERS = 200;

/** `journal` is a throwaway; nothing of the real state is touched. */
export async function warmUp(deps: {
  readonly champion: Champion;
  readonly settings: FeatureSettings;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): Promise<void> {
  const { champion, settings, journal } = deps;
  let nowMs = deps.clock.nowMs();
  const clock: Clock = { ...deps.clock, nowMs: () => nowMs };
  const scoreTransaction = createScoreTransaction({
    fold: createFold(createFeatureEngine(settings)),
    champion: () => champion,
    journal,
    clock,
    telemetry: deps.telemetry,
    newId: () => 'warm-up',
    deadlineMs: Infinity,
  });
  for (const { transaction } of createSimulation(
    simulationOf({ transactions: PAYMENTS, users: USERS, startMs: nowMs }),
  )) {
    nowMs = transaction.eventTimeMs;
    const { deviceId: _, ...withoutDevice } = transaction; // the path of a missing field is compiled too
    await scoreTransaction({ transaction: nowMs % 2 === 0 ? transaction : withoutDevice, requestHash: '' });
  }
}
