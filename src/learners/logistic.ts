/** Logistic regression on scaled features, with L2 or elastic-net penalty. */
import { exp, log } from '../stats/elementary.ts';
import { packDoubles, readCount, readFiniteDoubles, readNumber } from './fields.ts';
import { minimise } from './lbfgs.ts';
import { type Model, type ModelDocument, type Learner, type TrainingSet } from './protocol.ts';

const SCALINGS = ['standard', 'min-max', 'none'] as const;
export type Scaling = (typeof SCALINGS)[number];

export interface LogisticParameters {
  /** Weight of the data against the penalty, as scikit-learn's C; larger is freer. */
  readonly inversePenalty: number;
  /** Share of the penalty on absolute values (elastic net), 0..1; the rest is on squares. */
  readonly absoluteShare: number;
  readonly scaling: Scaling;
  /** Both classes weigh the same in total. */
  readonly balanced: boolean;
  readonly maximumSteps: number;
  /** The fit ends when no component of the gradient of the mean loss exceeds this. */
  readonly tolerance: number;
}

const DEFAULTS: LogisticParameters = {
  inversePenalty: 1,
  absoluteShare: 0,
  scaling: 'standard',
  balanced: false,
  maximumSteps: 500,
  tolerance: 1e-8, // coefficients are then good to ~6 digits
};

/** One feature's part of the margin: `(x − centre)·slope`, or `whenMissing`. */
export interface LinearTerms {
  readonly intercept: number;
  readonly centre: Float64Array;
  readonly slope: Float64Array;
  readonly whenMissing: Float64Array;
  /** Mean of the feature's part over the training rows, by weight: the point contributions are measured from. */
  readonly meanTerm: Float64Array;
  /** |coefficient| of the scaled feature. */
  readonly strength: Float64Array;
}

export function createLogisticLearner(name: string, given: Partial<LogisticParameters> = {}): Learner {
  const parameters = { ...DEFAULTS, ...given };
  if (!(parameters.inversePenalty > 0)) throw new RangeError(`invalid inversePenalty: ${parameters.inversePenalty}`);
  if (!(parameters.absoluteShare >= 0 && parameters.absoluteShare <= 1)) {
    throw new RangeError(`invalid absoluteShare: ${parameters.absoluteShare} (expected 0 to 1)`);
  }
  if (!SCALINGS.includes(parameters.scaling)) {
    throw new RangeError(`invalid scaling: ${parameters.scaling} (expected one of ${SCALINGS.join(', ')})`);
  }
  return { name, fit: (training) => logisticFromTerms(fitTerms(training, parameters)) };
}

/** Scaled features, missing values at 0 (the centre), then an indicator for each feature that is missing now and then. */
interface Design {
  readonly centre: Float64Array;
  readonly scale: Float64Array;
  /** Feature of each column; the first `features` columns are the features themselves. */
  readonly feature: readonly number[];
  /** [rows × columns], row by row, so that a pass over the rows reads memory once and in order. */
  readonly cells: Float64Array;
}

/** Rows laid out at a time: what is written of one column lies in the same lines of memory as what is of the next. */
const BLOCK_ROWS = 128;

function design({ values, rows }: TrainingSet, scaling: Scaling): Design {
  const centre = new Float64Array(values.length);
  const scale = new Float64Array(values.length);
  const indicated: number[] = [];
  values.forEach((column, index) => {
    const present = presentOf(column);
    [centre[index], scale[index]] = scaleOf(present, scaling);
    // One that is always missing would share in the intercept, and take its share away where a value comes.
    if (present.length < column.length && present.length > 0) indicated.push(index);
  });
  const feature = [...values.keys(), ...indicated];
  const width = feature.length;
  const cells = new Float64Array(rows * width);
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const end = Math.min(rows, start + BLOCK_ROWS);
    feature.forEach((source, place) => {
      const [column, shift, divisor] = [values[source]!, centre[source]!, scale[source]!];
      const isIndicator = place >= values.length;
      for (let row = start, at = start * width + place; row < end; row++, at += width) {
        const value = column[row]!;
        const isMissing = Number.isNaN(value);
        if (isIndicator) cells[at] = isMissing ? 1 : 0;
        else if (!isMissing) cells[at] = (value - shift) / divisor;
      }
    });
  }
  return { centre, scale, feature, cells };
}

/** The values of a column that are not missing. */
function presentOf(column: Float64Array): Float64Array {
  const present = new Float64Array(column.length);
  let count = 0;
  for (const value of column) if (!Number.isNaN(value)) present[count++] = value;
  return present.subarray(0, count);
}

/** A spread below this share of the values' size is rounding, and the feature is constant. */
const ROUNDING = 1e-9;

/** Centre and scale of the values present; constant features keep scale 1. */
function scaleOf(present: Float64Array, scaling: Scaling): [number, number] {
  if (scaling === 'none' || present.length === 0) return [0, 1];
  if (scaling === 'min-max') {
    const least = present.reduce((low, x) => Math.min(low, x), Infinity);
    const most = present.reduce((high, x) => Math.max(high, x), -Infinity);
    return [least, most > least ? most - least : 1];
  }
  let sum = 0;
  for (const x of present) sum += x;
  const mean = sum / present.length;
  let squares = 0;
  for (const x of present) squares += (x - mean) * (x - mean);
  const spread = Math.sqrt(squares / present.length);
  return [mean, spread > ROUNDING * Math.abs(mean) ? spread : 1];
}

function rowWeights({ labels, weights, rows }: TrainingSet, balanced: boolean): Float64Array {
  const totals = [0, 0];
  labels.forEach((label, row) => {
    totals[label] = totals[label]! + (weights?.[row] ?? 1);
  });
  const [genuine, fraud] = [totals[0]!, totals[1]!];
  if (genuine === 0 || fraud === 0) throw new RangeError('labels: need both fraud and genuine rows');
  const factor = balanced ? [(genuine + fraud) / (2 * genuine), (genuine + fraud) / (2 * fraud)] : [1, 1];
  return Float64Array.from({ length: rows }, (_, row) => (weights?.[row] ?? 1) * factor[labels[row]!]!);
}

function fitTerms(training: TrainingSet, parameters: LogisticParameters): LinearTerms {
  const { centre, scale, feature, cells } = design(training, parameters.scaling);
  const width = feature.length;
  const weights = rowWeights(training, parameters.balanced);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const penalty = 1 / (parameters.inversePenalty * total);
  const absolutePenalty = new Float64Array(width + 1).fill(penalty * parameters.absoluteShare);
  absolutePenalty[width] = 0;
  const loss = meanLoss(cells, width, training.labels, weights, total, penalty * (1 - parameters.absoluteShare));
  const coefficients = minimise(loss, new Float64Array(width + 1), {
    absolutePenalty,
    tolerance: parameters.tolerance,
    maximumSteps: parameters.maximumSteps,
  });
  const features = training.values.length;
  const whenMissing = new Float64Array(features);
  for (let place = features; place < width; place++) whenMissing[feature[place]!] = coefficients[place]!;
  const meanTerm = new Float64Array(features);
  const sums = new Float64Array(width);
  weights.forEach((weight, row) => addScaled(cells, row * width, weight, sums, width));
  feature.forEach((source, place) => {
    meanTerm[source] = meanTerm[source]! + coefficients[place]! * (sums[place]! / total);
  });
  return {
    intercept: coefficients[width]!,
    centre,
    slope: scale.map((divisor, index) => coefficients[index]! / divisor),
    whenMissing,
    meanTerm,
    strength: coefficients.slice(0, features).map(Math.abs),
  };
}

/** Weighted mean logistic loss plus half the squared penalty; the last coefficient is the intercept, not penalised. */
function meanLoss(
  cells: Float64Array,
  width: number,
  labels: Uint8Array,
  weights: Float64Array,
  total: number,
  squarePenalty: number,
) {
  return (point: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    gradient.fill(0);
    for (let row = 0, from = 0; row < labels.length; row++, from += width) {
      const margin = point[width]! + inner(cells, from, point, width);
      const share = weights[row]! / total;
      const decay = exp(-Math.abs(margin));
      const probability = margin >= 0 ? 1 / (1 + decay) : decay / (1 + decay);
      loss += share * (Math.max(0, labels[row] === 1 ? -margin : margin) + log(1 + decay));
      const slope = share * (probability - labels[row]!);
      gradient[width] = gradient[width]! + slope;
      addScaled(cells, from, slope, gradient, width);
    }
    for (let place = 0; place < width; place++) {
      gradient[place] = gradient[place]! + squarePenalty * point[place]!;
      loss += (squarePenalty * point[place]! * point[place]!) / 2;
    }
    return loss;
  };
}

/** Σ cells[from + i]·point[i]; four sums side by side, since each addition would else wait for the one before. */
function inner(cells: Float64Array, from: number, point: Float64Array, width: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let place = 0;
  for (; place + 3 < width; place += 4) {
    a += cells[from + place]! * point[place]!;
    b += cells[from + place + 1]! * point[place + 1]!;
    c += cells[from + place + 2]! * point[place + 2]!;
    d += cells[from + place + 3]! * point[place + 3]!;
  }
  for (; place < width; place++) a += cells[from + place]! * point[place]!;
  return a + b + (c + d);
}

function addScaled(cells: Float64Array, from: number, factor: number, sums: Float64Array, width: number): void {
  for (let place = 0; place < width; place++) sums[place] = sums[place]! + factor * cells[from + place]!;
}

/** A linear model of known terms, all arrays as long as there are features. */
export function logisticFromTerms(terms: LinearTerms): Model {
  const { intercept, centre, slope, whenMissing, meanTerm, strength } = terms;
  const featureCount = slope.length;
  const expected = meanTerm.reduce((sum, term) => sum + term, intercept);
  const term = (x: number, feature: number): number =>
    x !== x ? whenMissing[feature]! : (x - centre[feature]!) * slope[feature]!;
  return {
    kind: 'logistic',
    featureCount,
    margin(row, offset = 0) {
      let margin = intercept;
      for (let feature = 0; feature < featureCount; feature++) margin += term(row[offset + feature]!, feature);
      return margin;
    },
    addContributions(row, out, weight) {
      for (let feature = 0; feature < featureCount; feature++) {
        out[feature] = out[feature]! + weight * (term(row[feature]!, feature) - meanTerm[feature]!);
      }
      return weight * expected;
    },
    importance: () => strength.slice(),
    toDocument: () => ({
      kind: 'logistic',
      featureCount,
      intercept,
      centre: packDoubles(centre),
      slope: packDoubles(slope),
      whenMissing: packDoubles(whenMissing),
      meanTerm: packDoubles(meanTerm),
      strength: packDoubles(strength),
    }),
  };
}

/** The model of a document written by `toDocument`; throws when a field is damaged. */
export function logisticFromDocument(document: ModelDocument): Model {
  return logisticFromTerms(linearTermsOf(document));
}

/** The terms of a document's model. */
export function linearTermsOf(document: ModelDocument): LinearTerms {
  const featureCount = readCount(document, 'featureCount');
  return {
    intercept: readNumber(document, 'intercept'),
    centre: readFiniteDoubles(document, 'centre', featureCount),
    slope: readFiniteDoubles(document, 'slope', featureCount),
    whenMissing: readFiniteDoubles(document, 'whenMissing', featureCount),
    meanTerm: readFiniteDoubles(document, 'meanTerm', featureCount),
    strength: readFiniteDoubles(document, 'strength', featureCount),
  };
}
