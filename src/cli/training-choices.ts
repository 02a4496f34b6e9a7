/** The choices of a training beyond its data: validation, thresholds, class weights and tuned settings. */
import { SentinelError } from '../domain/errors.ts';
import { type CategoryEncodings } from '../learners/defaults.ts';
import { type Encoding } from '../learners/encoder.ts';
import { type ClassWeight } from '../learners/class-weights.ts';
import { type TunedLearners } from '../training/tuning/learner-spaces.ts';
import { parseThresholdRule, THRESHOLD_WORDS } from '../training/threshold-words.ts';
import { type ValidationPlan, VALIDATIONS } from '../training/validation.ts';
import { type Given, type Option } from './command.ts';
import { BLOCK_PRECISION, type FileTraining } from './train-from-file.ts';
import { readTuned } from './tuned-file.ts';

/** Folds when a method is named and their number is not. */
export const DEFAULT_FOLDS = 3;

export const VALIDATION_OPTION: Option = {
  name: 'validation',
  type: 'text',
  value: 'METHOD',
  choices: VALIDATIONS,
  sentence: 'How learners are tested on training payments they have not seen: windows that grow with time (temporal), classes dealt at random (stratified), or windows that slide, a label delay before their test (prequential). (default: temporal)', // prettier-ignore
};

export const foldsOption = (byDefault: string): Option => ({
  name: 'folds',
  type: 'whole number',
  value: 'N',
  minimum: 2,
  maximum: 20,
  sentence: `Splits of the validation. (default: ${byDefault})`,
});

/** Ways a column of categories may reach trees that take numbers. */
const CATEGORY_ENCODINGS: readonly Encoding[] = ['ordinal', 'frequency', 'target'];

export const ENCODING_OPTION: Option = {
  name: 'category-encoding',
  type: 'text',
  value: 'NAMES',
  sentence: 'How leaf-wise and depth-wise trees are given categories, one or several separated by commas: rank by frequency (ordinal), share of payments (frequency), rate of the frauds known by then (target). (default: ordinal)', // prettier-ignore
};

/** The encodings asked for. Throws USAGE. */
export function encodingsOf(given: Given): CategoryEncodings | undefined {
  const names = given.optionalText('category-encoding')?.split(',').map((name) => name.trim()); // prettier-ignore
  return names?.map((name) => {
    const known = CATEGORY_ENCODINGS.find((encoding) => encoding === name);
    if (known !== undefined) return known;
    const problem = `--category-encoding: expected some of ${CATEGORY_ENCODINGS.join(', ')}, got ${JSON.stringify(name)}`;
    throw new SentinelError('USAGE', { problem });
  });
}

export const CHOICE_OPTIONS: readonly Option[] = [
  VALIDATION_OPTION,
  foldsOption(`${DEFAULT_FOLDS}, or what stacking needs`),
  { name: 'threshold', type: 'text', value: 'RULE', default: 'cost-optimal', sentence: `How review and block thresholds are chosen on the policy period: ${THRESHOLD_WORDS}.` },
  { name: 'class-weight', type: 'text', value: 'FACTOR', default: '1', sentence: 'Weight of a fraud while learning: a factor, or balanced for the same total weight of both classes.' },
  { name: 'select-features', type: 'flag', sentence: 'Leave out features that unseen payments of the training period are ranked as well without.' },
  ENCODING_OPTION,
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
): Promise<
  Pick<FileTraining, 'validation' | 'thresholdRule' | 'classWeight' | 'encodings' | 'selectFeatures' | 'tuned'>
> {
  const validation = validationOf(given);
  const encodings = encodingsOf(given);
  const tunedFile = given.optionalText('tuned');
  const tuned: TunedLearners | undefined = tunedFile === undefined ? undefined : await readTuned(tunedFile);
  return {
    thresholdRule: parseThresholdRule(given.text('threshold'), BLOCK_PRECISION),
    classWeight: classWeightOf(given.text('class-weight')),
    ...(encodings && { encodings }),
    ...(given.flag('select-features') && { selectFeatures: true }),
    ...(validation && { validation }),
    ...(tuned && { tuned }),
  };
}
