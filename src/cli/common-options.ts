/** Options that several commands take and that mean the same in each. */
import { type Option } from './command.ts';

const DEFAULT_SEED = 1;
export const DEFAULT_REPLICATES = 200;
const MOST_REPLICATES = 10_000;

/** `--seed N`; the sentence says what the same seed gives. */
export const seedOption = (sentence: string): Option => ({
  name: 'seed',
  type: 'whole number',
  value: 'N',
  default: DEFAULT_SEED,
  minimum: 0,
  sentence,
});

/** Their merchants take 50 to 60 bytes a user: these fit into a gigabyte and a bit. */
export const MOST_USERS = 20_000_000;

/** `--users N` of commands that simulate payments. */
export const usersOption = (otherwise: number): Option => ({
  name: 'users',
  type: 'whole number',
  value: 'N',
  default: otherwise,
  minimum: 1,
  maximum: MOST_USERS,
  sentence: 'People who pay.',
});

/** `--replicates N`; the sentence says what is drawn anew. */
export const replicatesOption = (sentence = 'Bootstrap resamples behind each interval.'): Option => ({
  name: 'replicates',
  type: 'whole number',
  value: 'N',
  default: DEFAULT_REPLICATES,
  minimum: 0,
  maximum: MOST_REPLICATES,
  sentence,
});

/** A table of these takes some ten gigabytes. */
const MOST_SIMULATED_ROWS = 10_000_000;

/** `--rows N` of benchmarks that learn from simulated payments. */
export const simulatedRowsOption = (sentence: string): Option => ({
  name: 'rows',
  type: 'whole number',
  value: 'N',
  default: 100_000,
  minimum: 1_000,
  maximum: MOST_SIMULATED_ROWS,
  sentence,
});

export const PROMOTE_OPTION: Option = {
  name: 'promote',
  type: 'flag',
  sentence: 'Put the model in production, even when another one is.',
};
