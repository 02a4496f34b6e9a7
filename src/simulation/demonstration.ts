/** The simulated world in time lapse: an hour of its life each second, so that histories and labels come within minutes. */
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { DAY_MS, DEMONSTRATION_SPEED, SECOND_MS } from '../domain/time.ts';
import { simulationOf } from './scale.ts';
import { createSimulation, DEFAULT_SIMULATION, PAYMENTS_PER_USER_DAY } from './simulation.ts';

export interface DemonstrationOptions {
  readonly seed: number;
  readonly transactions: number;
  /** Payments a second; the population is so large that each pays as often as people do. */
  readonly ratePerSecond: number;
  /** Time of the first payment, epoch milliseconds. */
  readonly fromMs: number;
}

/** When both calendars agree. */
const ORIGIN_MS = DEFAULT_SIMULATION.startMs;
const POPULATION_SEED = 1;

const inLife = (ms: number): number => ORIGIN_MS + (ms - ORIGIN_MS) * DEMONSTRATION_SPEED;
const inLapse = (ms: number): number => ORIGIN_MS + Math.floor((ms - ORIGIN_MS) / DEMONSTRATION_SPEED);

/** Payments in order of time, with the labels that follow them. Who there is depends on the rate alone, not on `seed`. */
export function* createDemonstration(options: DemonstrationOptions): Generator<LabelledTransaction, void, void> {
  const { seed, transactions, fromMs } = options;
  const ratePerSecond = options.ratePerSecond / DEMONSTRATION_SPEED;
  const users = Math.ceil((ratePerSecond * DAY_MS) / SECOND_MS / PAYMENTS_PER_USER_DAY);
  const life = simulationOf({
    seed,
    populationSeed: POPULATION_SEED,
    transactions,
    users,
    ratePerSecond,
    startMs: inLife(fromMs),
  });
  for (const { transaction, label } of createSimulation(life)) {
    yield {
      transaction: { ...transaction, eventTimeMs: inLapse(transaction.eventTimeMs) },
      ...(label && { label: { ...label, arrivalMs: inLapse(label.arrivalMs) } }),
    };
  }
}
