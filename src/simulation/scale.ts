/** Simulation options from the few that matter: the rest follows the size of the population. */
import { DAY_MS, SECOND_MS } from '../domain/time.ts';
import { DEFAULT_SIMULATION, PAYMENTS_PER_USER_DAY, type SimulationOptions } from './simulation.ts';

/** Merchants for each user, as in the default population. */
const MERCHANTS_PER_USER = DEFAULT_SIMULATION.merchants / DEFAULT_SIMULATION.users;

/** Defaults filled in; rate and merchants grow with the users unless given. */
export function simulationOf(given: Partial<SimulationOptions>): SimulationOptions {
  const users = given.users ?? DEFAULT_SIMULATION.users;
  return {
    ...DEFAULT_SIMULATION,
    users,
    merchants: Math.max(1, Math.round(users * MERCHANTS_PER_USER)),
    ratePerSecond: (users * PAYMENTS_PER_USER_DAY) / (DAY_MS / SECOND_MS),
    ...given,
  };
}

/** As many payments as wanted with the default number a user: more rows are more people, not longer lives. */
export function simulationOfSize(transactions: number, seed: number): SimulationOptions {
  const paymentsAUser = DEFAULT_SIMULATION.transactions / DEFAULT_SIMULATION.users;
  return simulationOf({ transactions, users: Math.ceil(transactions / paymentsAUser), seed });
}
