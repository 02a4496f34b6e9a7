/** Threshold rules as users write them: a name, and after a colon what it is to keep to. */
import { SentinelError } from '../domain/errors.ts';
import { type ThresholdRule } from './thresholds.ts';

interface RuleForm {
  /** What stands after the colon; '' for nothing. */
  readonly value: string;
  readonly meaning: string;
  /** Undefined when the numbers do not fit. */
  readonly read: (numbers: readonly number[]) => ThresholdRule | undefined;
}

const one =
  (isRight: (value: number) => boolean, rule: (value: number) => ThresholdRule): RuleForm['read'] =>
  (numbers) =>
    numbers.length === 1 && isRight(numbers[0]!) ? rule(numbers[0]!) : undefined;
const isShare = (value: number): boolean => value > 0 && value <= 1;

/** Every rule by its name on the command line. */
export const THRESHOLD_FORMS = {
  'cost-optimal': {
    value: '',
    meaning: 'least expected loss',
    read: (numbers) => (numbers.length === 0 ? { kind: 'cost-optimal' } : undefined),
  },
  fixed: {
    value: 'REVIEW,BLOCK',
    meaning: 'these probabilities, for instance fixed:0.5,0.7',
    read: ([review = NaN, block = NaN, ...rest]) =>
      rest.length === 0 && review > 0 && review < block && block <= 1 ? { kind: 'fixed', review, block } : undefined,
  },
  'f-beta': {
    value: 'BETA',
    meaning: 'highest F-beta of the flagged; above 1 recall counts for more',
    read: one(
      (beta) => beta > 0 && beta < Infinity,
      (beta) => ({ kind: 'f-beta', beta }),
    ),
  },
  'max-fpr': {
    value: 'SHARE',
    meaning: 'flag what a false-positive rate allows',
    read: one(isShare, (fpr) => ({ kind: 'maximum-fpr', fpr })),
  },
  precision: {
    value: 'SHARE',
    meaning: 'flag what a precision of the flagged allows',
    read: one(isShare, (precision) => ({ kind: 'target-precision', precision })),
  },
  reviews: {
    value: 'A_DAY',
    meaning: 'least loss with so many reviews a day at most',
    read: one(
      (reviewsPerDay) => reviewsPerDay >= 0 && reviewsPerDay < Infinity,
      (reviewsPerDay) => ({ kind: 'review-capacity', reviewsPerDay }),
    ),
  },
} as const satisfies Readonly<Record<string, RuleForm>>;

const FORMS: ReadonlyMap<string, RuleForm> = new Map(Object.entries(THRESHOLD_FORMS));

/** “cost-optimal, fixed:REVIEW,BLOCK, f-beta:BETA …” */
export const THRESHOLD_WORDS = [...FORMS].map(([name, { value }]) => (value === '' ? name : `${name}:${value}`)).join(', '); // prettier-ignore

/**
 * The rule a text names. Rules that search block only where `blockPrecision` of the blocked are frauds. Throws USAGE.
 */
export function parseThresholdRule(text: string, blockPrecision: number): ThresholdRule {
  const [name = '', numbers] = text.split(':', 2);
  const form = FORMS.get(name);
  if (form === undefined || text.split(':').length > 2) {
    throw new SentinelError('USAGE', { problem: `no threshold rule is called ${text}; there are ${THRESHOLD_WORDS}` });
  }
  const values = numbers === undefined ? [] : numbers.split(',').map((word) => (word.trim() === '' ? NaN : Number(word))); // prettier-ignore
  const rule = form.read(values);
  if (rule === undefined) {
    const wanted = form.value === '' ? name : `${name}:${form.value}`;
    throw new SentinelError('USAGE', { problem: `threshold rule: expected ${wanted} (${form.meaning}), got ${text}` });
  }
  return rule.kind === 'fixed' ? rule : { ...rule, blockPrecision };
}
