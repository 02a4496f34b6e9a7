/**
 * Journal records as one text and one block of numbers, cheap to hand to another thread: the sender's cost is what
 * counts, so only what the ledger projects is kept (contributions of approved payments are not).
 */
import { type DecisionRecord, type JournalRecord } from '../../journal/record.ts';

export interface PackedRecords {
  /** JSON array of records; a decision's arrays are replaced by their lengths. */
  readonly text: string;
  /** Margin, base margin, probability, vector and contributions of each decision, one after the other. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

/** A decision in the text: `vector` and `contributions` are lengths, absent when absent. */
type PackedDecision = Omit<DecisionRecord, 'vector' | 'contributions' | 'margin' | 'baseMargin' | 'probability'> & {
  readonly vector?: number;
  readonly contributions?: number;
};

/** Numbers of a decision outside its arrays: they may be NaN, which JSON has not. */
const SCALARS = 3;

const keptContributions = ({ outcome, contributions }: DecisionRecord): Float64Array | undefined =>
  outcome === 'approve' ? undefined : contributions;

function numberCount(records: readonly JournalRecord[]): number {
  let count = 0;
  for (const record of records) {
    if (record.type !== 'decision') continue;
    count += SCALARS + (record.vector?.length ?? 0) + (keptContributions(record)?.length ?? 0);
  }
  return count;
}

export function packRecords(records: readonly JournalRecord[]): PackedRecords {
  const numbers = new Float64Array(numberCount(records));
  let end = 0;
  const push = (values: Float64Array | undefined): { readonly length?: number } => {
    if (values === undefined) return {};
    numbers.set(values, end);
    end += values.length;
    return { length: values.length };
  };
  const texts = records.map((record) => {
    if (record.type !== 'decision') return record;
    numbers[end++] = record.margin;
    numbers[end++] = record.baseMargin;
    numbers[end++] = record.probability;
    const vector = push(record.vector).length;
    const contributions = push(keptContributions(record)).length;
    // Undefined members leave no trace in JSON.
    return { ...record, margin: undefined, baseMargin: undefined, probability: undefined, vector, contributions };
  });
  return { text: JSON.stringify(texts), numbers };
}

export function unpackRecords({ text, numbers }: PackedRecords): JournalRecord[] {
  const records = JSON.parse(text) as readonly (PackedDecision | Exclude<JournalRecord, DecisionRecord>)[]; // as packed above
  let start = 0;
  const take = (length: number): Float64Array => numbers.subarray(start, (start += length));
  return records.map((record) => {
    if (record.type !== 'decision') return record;
    const { vector, contributions, ...rest } = record;
    const [margin, baseMargin, probability] = take(SCALARS);
    return {
      ...rest,
      margin: margin!,
      baseMargin: baseMargin!,
      probability: probability!,
      ...(vector === undefined ? {} : { vector: take(vector) }),
      ...(contributions === undefined ? {} : { contributions: take(contributions) }),
    };
  });
}
