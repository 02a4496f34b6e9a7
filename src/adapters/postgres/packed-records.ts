/**
 * Journal records as two texts and one block of numbers, cheap to hand to another thread: the sender's cost is what
 * counts, so only what the ledger projects is kept.
 */
import { OUTCOMES, RISK_LEVELS } from '../../domain/outcome.ts';
import { type Transaction } from '../../domain/transaction.ts';
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
  /** JSON array of records; of a decision what few have, 0 when it has nothing of that. */
  readonly text: string;
  /** The texts of all decisions, one after the other: twice as cheap as JSON, in which each has its name. */
  readonly texts: string;
  /** Of each decision: scalars, lengths of its texts and arrays (−1: absent), vector, contributions. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

const REQUIRED_TEXTS = [
  'transactionId',
  'userId',
  'merchantId',
  'currency',
  'merchantCategory',
  'transactionType',
] as const satisfies readonly (keyof Transaction)[];
const OPTIONAL_TEXTS = [
  'cardId',
  'deviceId',
  'deviceType',
  'ipAddress',
  'locationCountry',
  'locationCity',
  'cardType',
  'cardLastFour',
  'emailDomain',
] as const satisfies readonly (keyof Transaction)[];
const VERSIONS = ['model', 'policy', 'catalogue'] as const;

const SCALARS = 13;
const LENGTHS = REQUIRED_TEXTS.length + OPTIONAL_TEXTS.length + VERSIONS.length + 2;
const ABSENT = -1;

/** Reasons and contributions are kept for review and block alone: only those are explained in the ledger. */
interface Rare {
  readonly rules?: ProjectedDecision['rules'];
  readonly attributes?: NonNullable<Transaction['attributes']>;
  readonly reasons?: ProjectedDecision['reasons'];
  readonly fallbackCause?: string;
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

const isExplained = ({ outcome }: ProjectedDecision): boolean => outcome !== 'approve';

function numberCount(records: readonly ProjectedRecord[]): number {
  let count = 0;
  for (const record of records) {
    if (record.type !== 'decision') continue;
    count += SCALARS + LENGTHS + (record.vector?.length ?? 0);
    if (isExplained(record)) count += record.contributions?.length ?? 0;
  }
  return count;
}

function rareOf(record: ProjectedDecision): Rare | 0 {
  const { attributes } = record.transaction;
  const rare: Writable<Rare> = {};
  if (record.rules.length > 0) rare.rules = record.rules;
  if (attributes !== undefined) rare.attributes = attributes;
  if (isExplained(record)) {
    rare.reasons = record.reasons;
    if (record.fallbackCause !== undefined) rare.fallbackCause = record.fallbackCause;
  } else if (rare.rules === undefined && rare.attributes === undefined) return 0;
  return rare;
}

export function packRecords(records: readonly ProjectedRecord[]): PackedRecords {
  const numbers = new Float64Array(numberCount(records));
  const texts: string[] = [];
  let end = 0;
  const pushText = (text: string | undefined): void => {
    numbers[end++] = text?.length ?? ABSENT;
    if (text !== undefined) texts.push(text);
  };
  const pushValues = (values: Float64Array): void => {
    numbers.set(values, end);
    end += values.length;
  };
  const packed = records.map((record) => {
    if (record.type !== 'decision') return record;
    const { transaction, versions, vector } = record;
    const contributions = isExplained(record) ? record.contributions : undefined;
    numbers[end++] = record.seq;
    numbers[end++] = record.arrivalMs;
    numbers[end++] = record.amountBaseMinor;
    numbers[end++] = transaction.amountMinor;
    numbers[end++] = transaction.eventTimeMs;
    numbers[end++] = transaction.latitude ?? NaN;
    numbers[end++] = transaction.longitude ?? NaN;
    numbers[end++] = OUTCOMES.indexOf(record.outcome);
    numbers[end++] = RISK_LEVELS.indexOf(record.riskLevel);
    numbers[end++] = record.margin;
    numbers[end++] = record.baseMargin;
    numbers[end++] = record.probability;
    numbers[end++] = record.durations.totalUs;
    for (const field of REQUIRED_TEXTS) pushText(transaction[field]);
    for (const field of OPTIONAL_TEXTS) pushText(transaction[field]);
    for (const field of VERSIONS) pushText(versions[field]);
    numbers[end++] = vector?.length ?? ABSENT;
    numbers[end++] = contributions?.length ?? ABSENT;
    if (vector !== undefined) pushValues(vector);
    if (contributions !== undefined) pushValues(contributions);
    return rareOf(record);
  });
  return { text: JSON.stringify(packed), texts: texts.join(''), numbers };
}

export function unpackRecords({ text, texts, numbers }: PackedRecords): ProjectedRecord[] {
  const records = JSON.parse(text) as readonly (Rare | 0 | Exclude<ProjectedRecord, ProjectedDecision>)[]; // as packed above
  let at = 0;
  let textAt = 0;
  const takeText = (): string | undefined => {
    const length = numbers[at++]!;
    return length === ABSENT ? undefined : texts.slice(textAt, (textAt += length));
  };
  return records.map((packed): ProjectedRecord => {
    if (packed !== 0 && 'type' in packed) return packed;
    const { rules = [], reasons = [], attributes, fallbackCause } = packed === 0 ? {} : packed;
    const scalars = numbers.subarray(at, (at += SCALARS));
    const [seq, arrivalMs, amountBaseMinor, amountMinor, eventTimeMs, latitude, longitude, outcome, riskLevel] =
      scalars;
    const [, , , , , , , , , margin, baseMargin, probability, totalUs] = scalars;
    const required = Object.fromEntries(REQUIRED_TEXTS.map((field) => [field, takeText()!])) as Pick<
      Transaction,
      (typeof REQUIRED_TEXTS)[number]
    >;
    const transaction: Writable<Transaction> = { ...required, amountMinor: amountMinor!, eventTimeMs: eventTimeMs! };
    for (const field of OPTIONAL_TEXTS) {
      const value = takeText();
      if (value !== undefined) transaction[field] = value;
    }
    if (!Number.isNaN(latitude)) transaction.latitude = latitude!;
    if (!Number.isNaN(longitude)) transaction.longitude = longitude!;
    if (attributes !== undefined) transaction.attributes = attributes;
    const versions = { model: takeText()!, policy: takeText()!, catalogue: takeText()! };
    const [vectorLength, contributionsLength] = numbers.subarray(at, (at += 2));
    const vector = vectorLength === ABSENT ? undefined : numbers.subarray(at, (at += vectorLength!));
    const contributions =
      contributionsLength === ABSENT ? undefined : numbers.subarray(at, (at += contributionsLength!));
    return {
      type: 'decision',
      seq: seq!,
      arrivalMs: arrivalMs!,
      transaction,
      amountBaseMinor: amountBaseMinor!,
      outcome: OUTCOMES[outcome!]!,
      riskLevel: RISK_LEVELS[riskLevel!]!,
      rules,
      reasons,
      versions,
      durations: { totalUs: totalUs! },
      margin: margin!,
      baseMargin: baseMargin!,
      probability: probability!,
      ...(vector === undefined ? {} : { vector }),
      ...(contributions === undefined ? {} : { contributions }),
      ...(fallbackCause === undefined ? {} : { fallbackCause }),
    };
  });
}
