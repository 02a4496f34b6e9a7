/**
 * Journal records as one text and one block of numbers, cheap to hand to another thread: the sender's cost is what
 * counts, so only what the ledger projects is kept.
 */
import { type DecisionRecord, type JournalRecord } from '../../journal/record.ts';

/** What the ledger projects of a decision. */
export type ProjectedDecision = Pick<
  DecisionRecord,
  | 'type'
  | 'seq'
  | 'arrivalMs'
  | 'transaction'
  | 'amountBaseMinor'
  | 'vector'
  | 'margin'
  | 'probability'
  | 'contributions'
  | 'baseMargin'
  | 'reasons'
  | 'rules'
  | 'outcome'
  | 'riskLevel'
  | 'fallbackCause'
> & {
  readonly versions: Pick<DecisionRecord['versions'], 'model' | 'policy' | 'catalogue'>;
  readonly durations: Pick<DecisionRecord['durations'], 'totalUs'>;
};

export type ProjectedRecord = ProjectedDecision | Exclude<JournalRecord, DecisionRecord>;

export interface PackedRecords {
  /** JSON array of records; a decision is a PackedDecision. */
  readonly text: string;
  /** Margin, base margin, probability, total time, vector and contributions of each decision, one after the other. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

/** Reasons and contributions are kept for review and block alone: only those are explained in the ledger. */
type PackedDecision = readonly [
  seq: number,
  arrivalMs: number,
  transaction: ProjectedDecision['transaction'],
  amountBaseMinor: number,
  outcome: ProjectedDecision['outcome'],
  riskLevel: ProjectedDecision['riskLevel'],
  model: string,
  policy: string,
  catalogue: string,
  vectorLength: number,
  rules: ProjectedDecision['rules'],
  contributionsLength?: number,
  reasons?: ProjectedDecision['reasons'],
  fallbackCause?: string,
];

/** Numbers of a decision outside its arrays; they may be NaN, which JSON has not. */
const SCALARS = 4;
const ABSENT = -1;

const isExplained = ({ outcome }: ProjectedDecision): boolean => outcome !== 'approve';

function numberCount(records: readonly ProjectedRecord[]): number {
  let count = 0;
  for (const record of records) {
    if (record.type !== 'decision') continue;
    count += SCALARS + (record.vector?.length ?? 0);
    if (isExplained(record)) count += record.contributions?.length ?? 0;
  }
  return count;
}

export function packRecords(records: readonly ProjectedRecord[]): PackedRecords {
  const numbers = new Float64Array(numberCount(records));
  let end = 0;
  const push = (values: Float64Array | undefined): number => {
    if (values === undefined) return ABSENT;
    numbers.set(values, end);
    end += values.length;
    return values.length;
  };
  const packed = records.map((record): PackedDecision | ProjectedRecord => {
    if (record.type !== 'decision') return record;
    const { seq, arrivalMs, transaction, amountBaseMinor, outcome, riskLevel, versions, rules } = record;
    numbers[end++] = record.margin;
    numbers[end++] = record.baseMargin;
    numbers[end++] = record.probability;
    numbers[end++] = record.durations.totalUs;
    const length = push(record.vector);
    const { model, policy, catalogue } = versions;
    const head = [seq, arrivalMs, transaction, amountBaseMinor, outcome, riskLevel, model, policy, catalogue] as const;
    if (!isExplained(record)) return [...head, length, rules];
    const { reasons, fallbackCause } = record;
    const explained = [...head, length, rules, push(record.contributions), reasons] as const;
    return fallbackCause === undefined ? explained : [...explained, fallbackCause];
  });
  return { text: JSON.stringify(packed), numbers };
}

export function unpackRecords({ text, numbers }: PackedRecords): ProjectedRecord[] {
  const records = JSON.parse(text) as readonly (PackedDecision | Exclude<ProjectedRecord, ProjectedDecision>)[]; // as packed above
  let start = 0;
  const take = (length: number): Float64Array => numbers.subarray(start, (start += length));
  return records.map((packed): ProjectedRecord => {
    if ('type' in packed) return packed;
    const [seq, arrivalMs, transaction, amountBaseMinor, outcome, riskLevel, model, policy, catalogue] = packed;
    const [, , , , , , , , , vectorLength, rules, contributionsLength = ABSENT, reasons = [], fallbackCause] = packed;
    const [margin, baseMargin, probability, totalUs] = take(SCALARS);
    return {
      type: 'decision',
      seq,
      arrivalMs,
      transaction,
      amountBaseMinor,
      outcome,
      riskLevel,
      rules,
      reasons,
      versions: { model, policy, catalogue },
      durations: { totalUs: totalUs! },
      margin: margin!,
      baseMargin: baseMargin!,
      probability: probability!,
      ...(vectorLength === ABSENT ? {} : { vector: take(vectorLength) }),
      ...(contributionsLength === ABSENT ? {} : { contributions: take(contributionsLength) }),
      ...(fallbackCause === undefined ? {} : { fallbackCause }),
    };
  });
}
