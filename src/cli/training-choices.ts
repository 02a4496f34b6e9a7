/** The choices of a training beyond its data: validation, thresholds, class weights and tuned settings. */
import { SentinelError } from '../domain/errors.ts';
import { type ClassWeight } from '../learners/class-weights.ts';
import { type TunedLearners } from '../training/tuning/learner-spaces.ts';
import { parseThresholdRule, THRESHOLD_WORDS } from '../training/threshold-words.ts';
import { type ValidationPlan, VALIDATIONS } from '../training/validation.ts';
import { type Given, type Option } from './command.ts';
import { BLOCK_PRECISION, type FileTraining } from './train-from-file.ts';
import { readTuned } from './tuned-file.ts';

/** Folds when a method is named and their number is not. */
const DEFAULT_FOLDS = 3;

export const VALIDATION_OPTION: Option = {
  name: 'validation',
  type: 'text',
  value: 'METHOD',
  choices: VALIDATIONS,
  sentence: 'How learners are tested on training payments they have not seen: windows that grow with time (temporal), classes dealt at random (stratified), or windows that slide, a label delay before their test (prequential). (default: temporal)', // prettier-ignore
};

export const FOLDS_OPTION: Option = {
  name: 'folds',
  type: 'whole number',
  value: 'N',
  minimum: 2,
  maximum: 20,
  sentence: `Splits of the validation. (default: ${DEFAULT_FOLDS}, or what stacking needs)`,
};

export const CHOICE_OPTIONS: readonly Option[] = [
  VALIDATION_OPTION,
  FOLDS_OPTION,
  { name: 'threshold', type: 'text', value: 'RULE', default: 'cost-optimal', sentence: `How review and block thresholds are chosen on the policy period: ${THRESHOLD_WORDS}.` },
  { name: 'class-weight', type: 'text', value: 'FACTOR', default: '1', sentence: 'Weight of a fraud while learning: a factor, or balanced for the same total weight of both classes.' },
  { name: 'tuned', type: 'text', value: 'FILE', sentence: 'Settings found by sentinel tune, for the learners the file names.' },
]; // prettier-ignore

/** The plan asked for; undefined when neither method nor folds are named. */
export function validationOf(given: Given): ValidationPlan | undefined {
  const named = given.optionalText('validation');
  const folds = given.optionalNumber('folds');
  if (named === undefined && folds === undefined) return undefined;
  const method = VALIDATIONS.find((known) => known === named) ?? 'temporal';
  return { method, folds: folds ?? DEFAULT_FOLDS };
}

function classWeightOf(text: string): ClassWeight {
  if (text === 'balanced') return text;
  const factor = text.trim() === '' ? NaN : Number(text);
  if (factor > 0 && factor < Infinity) return factor;
  throw new SentinelError('USAGE', { problem: `--class-weight: expected balanced or a factor above 0, got ${text}` });
}

/** The choices a command line makes. Throws USAGE. */
export async function choicesOf(
  given: Given,
): Promise<Pick<FileTraining, 'validation' | 'thresholdRule' | 'classWeight' | 'tuned'>> {
  const validation = validationOf(given);
  const tunedFile = given.optionalText('tuned');
  const tuned: TunedLearners | undefined = tunedFile === undefined ? undefined : await readTuned(tunedFile);
  return {
    thresholdRule: parseThresholdRule(given.text('threshold'), BLOCK_PRECISION),
    classWeight: classWeightOf(given.text('class-weight')),
    ...(validation && { validation }),
    ...(tuned && { tuned }),
  };
}
