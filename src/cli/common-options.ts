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

export const PROMOTE_OPTION: Option = {
  name: 'promote',
  type: 'flag',
  sentence: 'Put the model in production, even when another one is.',
};
