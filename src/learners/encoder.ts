/** Maps raw feature vectors, whose categories are mere names, to the columns a model can compute with. */
import { damaged, packDoubles, readChoice, readCount, readDoubles, readList, readObject } from './fields.ts';
import { createKeyTable, type KeyTable, placeOf } from './key-table.ts';
import { type ColumnKind, type Columns, type TrainingSet } from './protocol.ts';
import { timeOrderedTargets, type TargetSettings } from './target-encoding.ts';

/**
 * ordinal: rank by training frequency, the most frequent 0; unknown ranks after all known.
 * frequency: share of training rows; unknown 0.
 * one-hot: a column for each of the top values and one for all others.
 * target: smoothed fraud rate among labels known at the time; unknown the overall rate.
 */
export const ENCODINGS = ['ordinal', 'frequency', 'one-hot', 'target'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** codes: ordinal over the most frequent values, and still a category, for learners that choose among codes. */
export type PlannedEncoding = Encoding | 'codes';
/** Values that get a code of their own under codes; unknown takes one more. */
const MOST_CODED_VALUES = 253;

export interface EncodingPlan {
  /** How each categorical column is encoded; one column may be encoded in several ways. */
  readonly encodings: readonly PlannedEncoding[];
  /** Values of fewer training rows are treated as unknown, so that "unknown" itself is learned. */
  readonly minimumRows: number;
  /** Values that get a column of their own under one-hot, the most frequent first. */
  readonly topValues: number;
  /** Rows of the overall fraud rate that each value's own rate is mixed with. */
  readonly priorRows: number;
}

export const DEFAULT_PLAN: EncodingPlan = { encodings: ['ordinal'], minimumRows: 5, topValues: 20, priorRows: 20 };

/** How one raw column becomes one model column or, under one-hot, several. */
export type Step =
  | { readonly source: number; readonly encoding: 'copy' }
  | { readonly source: number; readonly encoding: 'one-hot'; readonly keys: Float64Array }
  | {
      readonly source: number;
      readonly encoding: 'ordinal' | 'frequency' | 'target';
      readonly keys: Float64Array;
      /** Model value of each key. */
      readonly values: Float64Array;
      readonly unknown: number;
    };

export interface Encoder {
  readonly inputCount: number;
  readonly outputCount: number;
  /** The raw column each model column comes from, [outputCount]. */
  readonly sources: Int32Array;
  /** Encodes the raw row at `offset` into `out` [outputCount]. */
  encodeRow(row: Float64Array, offset: number, out: Float64Array): void;
  encodeColumns(columns: Columns): Columns;
  toDocument(): Readonly<Record<string, unknown>>;
}

const widthOf = (step: Step): number => (step.encoding === 'one-hot' ? step.keys.length + 1 : 1);

/** An encoder with these steps, whose outputs follow each other. */
export function encoderFromSteps(inputCount: number, steps: readonly Step[]): Encoder {
  const outputCount = steps.reduce((sum, step) => sum + widthOf(step), 0);
  const sources = Int32Array.from(steps.flatMap((step) => new Array<number>(widthOf(step)).fill(step.source)));
  const categories = steps.flatMap((step, index) =>
    step.encoding === 'copy'
      ? []
      : [
          categoryOf(
            step,
            steps.slice(0, index).reduce((sum, s) => sum + widthOf(s), 0),
          ),
        ],
  );

  function encodeRow(row: Float64Array, offset: number, out: Float64Array): void {
    // Categories too are copied, and then written over: one loop without a look at the kind of each column.
    for (let column = 0; column < outputCount; column++) out[column] = row[offset + sources[column]!]!;
    for (let index = 0; index < categories.length; index++) encodeCategory(categories[index]!, out);
  }

  function encodeColumns(columns: Columns): Columns {
    const raw = new Float64Array(inputCount);
    const out = new Float64Array(outputCount);
    const values = Array.from(sources, () => new Float64Array(columns.rows));
    for (let row = 0; row < columns.rows; row++) {
      for (let column = 0; column < inputCount; column++) raw[column] = columns.values[column]![row]!;
      encodeRow(raw, 0, out);
      for (let column = 0; column < outputCount; column++) values[column]![row] = out[column]!;
    }
    return { names: Array.from(sources, (source) => columns.names[source]!), rows: columns.rows, values };
  }

  return {
    inputCount,
    outputCount,
    sources,
    encodeRow,
    encodeColumns,
    toDocument: () => toDocument(inputCount, steps),
  };
}

/** How a category that has been copied to all its model columns is turned into their values. */
interface Category {
  readonly at: number;
  readonly places: KeyTable;
  /** Model value by the place of the key, the last for unknown; absent under one-hot. */
  readonly values: Float64Array | undefined;
}

const categoryOf = (step: Exclude<Step, { readonly encoding: 'copy' }>, at: number): Category => ({
  at,
  places: createKeyTable(step.keys),
  values: step.encoding === 'one-hot' ? undefined : Float64Array.from([...step.values, step.unknown]),
});

/** A missing value stays missing, and lights none of the columns that one-hot gives each key and the unknown. */
function encodeCategory({ at, places, values }: Category, out: Float64Array): void {
  const raw = out[at]!;
  if (values === undefined) {
    out.fill(0, at, at + places.size + 1);
    if (raw === raw) out[at + placeOf(places, raw)] = 1;
  } else if (raw === raw) out[at] = values[placeOf(places, raw)]!;
}

export interface FittedEncoder {
  readonly encoder: Encoder;
  /** The training set in model columns; target statistics of each row know only labels that were known by then. */
  readonly encoded: TrainingSet;
}

/** Fits an encoder on training rows only. Throws RangeError when target statistics lack times. */
export function fitEncoder(training: TrainingSet, plan: EncodingPlan): FittedEncoder {
  const overrides = new Map<number, Float64Array>();
  const steps: Step[] = [];
  const coded = new Set<Step>();
  training.values.forEach((column, source) => {
    if (training.kinds?.[source] !== 'category') {
      steps.push({ source, encoding: 'copy' });
      return;
    }
    const counts = countValues(column, plan.minimumRows);
    for (const encoding of plan.encodings) {
      const step = fitStep(training, source, encoding, counts, plan);
      if (step.encoding === 'target') overrides.set(steps.length, timeOrderedTargets(training, source, settings(plan)));
      if (encoding === 'codes') coded.add(step);
      steps.push(step);
    }
  });
  const encoder = encoderFromSteps(training.values.length, steps);
  const columns = encoder.encodeColumns(training);
  const starts = steps.map((_, index) => steps.slice(0, index).reduce((sum, step) => sum + widthOf(step), 0));
  const values = columns.values.map((column, place) => overrides.get(starts.indexOf(place)) ?? column);
  const { labels, weights } = training;
  const kinds = steps.flatMap((step) =>
    new Array<ColumnKind>(widthOf(step)).fill(coded.has(step) ? 'category' : 'numeric'),
  );
  const encoded = { ...columns, values, kinds, labels, ...(weights === undefined ? {} : { weights }) };
  return { encoder, encoded };
}

const settings = ({ minimumRows, priorRows }: EncodingPlan): TargetSettings => ({ minimumRows, priorRows });

interface ValueCount {
  readonly value: number;
  readonly count: number;
}

/** Values of enough rows, the most frequent first, then by value. */
function countValues(column: Float64Array, minimumRows: number): ValueCount[] {
  const counts = new Map<number, number>();
  for (const value of column) if (value === value) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .filter(({ count }) => count >= minimumRows)
    .sort((a, b) => b.count - a.count || a.value - b.value);
}

function fitStep(
  training: TrainingSet,
  source: number,
  encoding: PlannedEncoding,
  counts: readonly ValueCount[],
  plan: EncodingPlan,
): Step {
  const keys = Float64Array.from(counts, ({ value }) => value);
  switch (encoding) {
    case 'codes':
      return fitStep(training, source, 'ordinal', counts.slice(0, MOST_CODED_VALUES), plan);
    case 'ordinal':
      return { source, encoding, keys, values: Float64Array.from(counts.keys()), unknown: counts.length };
    case 'frequency':
      return { source, encoding, keys, values: Float64Array.from(counts, (c) => c.count / training.rows), unknown: 0 };
    case 'one-hot':
      return { source, encoding, keys: keys.slice(0, plan.topValues) };
    case 'target': {
      const fraud = new Map(counts.map(({ value }) => [value, 0]));
      training.values[source]!.forEach((value, row) => {
        if (fraud.has(value)) fraud.set(value, fraud.get(value)! + training.labels[row]!);
      });
      const rate = training.labels.reduce((sum, label) => sum + label, 0) / training.rows;
      const mixed = counts.map((c) => (fraud.get(c.value)! + plan.priorRows * rate) / (c.count + plan.priorRows));
      return { source, encoding, keys, values: Float64Array.from(mixed), unknown: rate };
    }
  }
}

function toDocument(inputCount: number, steps: readonly Step[]): Readonly<Record<string, unknown>> {
  return {
    inputCount,
    steps: steps.map((step) => {
      const { source, encoding } = step;
      if (step.encoding === 'copy') return { source, encoding };
      if (step.encoding === 'one-hot') return { source, encoding, keys: packDoubles(step.keys) };
      const { keys, values, unknown } = step;
      return { source, encoding, keys: packDoubles(keys), values: packDoubles([...values, unknown]) };
    }),
  };
}

/** The encoder of a document written by `toDocument`; throws when a field is damaged. */
export function encoderFromDocument(document: unknown): Encoder {
  const { inputCount, steps } = stepsFromDocument(document);
  return encoderFromSteps(inputCount, steps);
}

/** What the encoder of a document reads and does. */
export function stepsFromDocument(document: unknown): { readonly inputCount: number; readonly steps: readonly Step[] } {
  const fields = readObject(document, 'encoder');
  const inputCount = readCount(fields, 'inputCount');
  const steps = readList(fields, 'steps').map((item, index): Step => {
    const step = readObject(item, `encoder step ${index}`);
    const source = readCount(step, 'source');
    if (source >= inputCount) throw damaged('source', `names column ${source} of ${inputCount}`);
    const encoding = readChoice(step, 'encoding', ['copy', ...ENCODINGS]);
    if (encoding === 'copy') return { source, encoding };
    const keys = readDoubles(step, 'keys');
    if (encoding === 'one-hot') return { source, encoding, keys };
    const values = readDoubles(step, 'values', keys.length + 1);
    return { source, encoding, keys, values: values.subarray(0, keys.length), unknown: values[keys.length]! };
  });
  return { inputCount, steps };
}
