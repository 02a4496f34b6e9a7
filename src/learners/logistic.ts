/** Logistic regression on scaled features, with L2 or elastic-net penalty. */
import { log } from '../stats/elementary.ts';
import { packDoubles, readCount, readDoubles, readFiniteDoubles, readNumber } from './fields.ts';
import { minimise } from './lbfgs.ts';
import { addScaledRows, meanLoss } from './logistic-loss.ts';
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

/** One feature's part of the margin: `(x − centre)·slope`, x taken into [least, most] first, or `whenMissing`. */
export interface LinearTerms {
  readonly intercept: number;
  /** Range of the feature in training: beyond it nothing was learned, and whoever pays could pick a value out there. */
  readonly least: Float64Array;
  readonly most: Float64Array;
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
  if (!(Number.isInteger(parameters.maximumSteps) && parameters.maximumSteps > 0)) {
    throw new RangeError(`invalid maximumSteps: ${parameters.maximumSteps} (expected a whole number from 1)`);
  }
  if (!(parameters.tolerance >= 0))
    throw new RangeError(`invalid tolerance: ${parameters.tolerance} (expected 0 or more)`);
  return { name, fit: (training) => logisticFromTerms(fitTerms(training, parameters)) };
}

/** Scaled features, missing values at 0 (the centre), then an indicator for each feature that is missing now and then. */
interface Design {
  readonly least: Float64Array;
  readonly most: Float64Array;
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
  const [least, most, centre] = Array.from({ length: 3 }, () => new Float64Array(values.length)) as [Float64Array, Float64Array, Float64Array]; // prettier-ignore
  const scale = new Float64Array(values.length).fill(1);
  const indicated: number[] = [];
  values.forEach((column, index) => {
    const range = rangeOf(column);
    // One that is always missing would share in the intercept, and take its share away where a value comes.
    if (range.present === 0) return;
    [least[index], most[index]] = [range.least, range.most];
    [centre[index], scale[index]] = scaleOf(column, range, scaling);
    if (range.present < column.length) indicated.push(index);
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
  return { least, most, centre, scale, feature, cells };
}

/** Of the values of a column that are not missing. */
interface Range {
  readonly present: number;
  readonly least: number;
  readonly most: number;
}

function rangeOf(column: Float64Array): Range {
  let present = 0;
  let least = Infinity;
  let most = -Infinity;
  for (let row = 0; row < column.length; row++) {
    const x = column[row]!;
    if (Number.isNaN(x)) continue;
    present++;
    if (x < least) least = x;
    if (x > most) most = x;
  }
  return { present, least, most };
}

/** A spread below this share of the values' size is rounding, and the feature is constant. */
const ROUNDING = 1e-9;

/** Centre and scale of the values that are not missing; constant features keep scale 1. */
function scaleOf(column: Float64Array, { present, least, most }: Range, scaling: Scaling): [number, number] {
  if (scaling === 'none') return [0, 1];
  if (scaling === 'min-max') return [least, most > least ? most - least : 1];
  let sum = 0;
  for (let row = 0; row < column.length; row++) {
    const x = column[row]!;
    if (!Number.isNaN(x)) sum += x;
  }
  const mean = sum / present;
  let squares = 0;
  for (let row = 0; row < column.length; row++) {
    const distance = column[row]! - mean;
    if (!Number.isNaN(distance)) squares += distance * distance;
  }
  const spread = Math.sqrt(squares / present);
  return [mean, spread > ROUNDING * Math.abs(mean) ? spread : 1];
}

/** Total weight of the genuine rows and of the fraudulent ones. */
function totalsByLabel(labels: Uint8Array, weight: (row: number) => number): readonly [number, number] {
  const totals: [number, number] = [0, 0];
  labels.forEach((label, row) => {
    totals[label === 1 ? 1 : 0] += weight(row);
  });
  return totals;
}

function rowWeights({ labels, weights, rows }: TrainingSet, balanced: boolean): Float64Array {
  const [genuine, fraud] = totalsByLabel(labels, (row) => weights?.[row] ?? 1);
  if (genuine === 0 || fraud === 0) throw new RangeError('labels: need both fraud and genuine rows');
  const factor = balanced ? [(genuine + fraud) / (2 * genuine), (genuine + fraud) / (2 * fraud)] : [1, 1];
  return Float64Array.from({ length: rows }, (_, row) => (weights?.[row] ?? 1) * factor[labels[row]!]!);
}

function fitTerms(training: TrainingSet, parameters: LogisticParameters): LinearTerms {
  const { least, most, centre, scale, feature, cells } = design(training, parameters.scaling);
  const width = feature.length;
  const weights = rowWeights(training, parameters.balanced);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const penalty = 1 / (parameters.inversePenalty * total);
  const absolutePenalty = new Float64Array(width + 1).fill(penalty * parameters.absoluteShare);
  absolutePenalty[width] = 0;
  const shares = weights.map((weight) => weight / total);
  const loss = meanLoss({ cells, width, labels: training.labels, shares }, penalty * (1 - parameters.absoluteShare));
  const coefficients = minimise(loss, withoutFeatures(training.labels, shares, width), {
    absolutePenalty,
    tolerance: parameters.tolerance,
    maximumSteps: parameters.maximumSteps,
  });
  const features = training.values.length;
  const whenMissing = new Float64Array(features);
  for (let place = features; place < width; place++) whenMissing[feature[place]!] = coefficients[place]!;
  const meanTerm = new Float64Array(features);
  const sums = new Float64Array(width);
  addScaledRows({ cells, width }, 0, weights, sums);
  feature.forEach((source, place) => {
    meanTerm[source] = meanTerm[source]! + coefficients[place]! * (sums[place]! / total);
  });
  return {
    intercept: coefficients[width]!,
    least,
    most,
    centre,
    slope: scale.map((divisor, index) => coefficients[index]! / divisor),
    whenMissing,
    meanTerm,
    strength: coefficients.slice(0, features).map(Math.abs),
  };
}

/** The best coefficients that take no notice of the features: the log-odds of fraud as the intercept. */
function withoutFeatures(labels: Uint8Array, shares: Float64Array, width: number): Float64Array {
  const [genuine, fraud] = totalsByLabel(labels, (row) => shares[row]!);
  const start = new Float64Array(width + 1);
  start[width] = log(fraud / genuine);
  return start;
}

/** A linear model of known terms, all arrays as long as there are features. */
export function logisticFromTerms(terms: LinearTerms): Model {
  const { intercept, least, most, centre, slope, whenMissing, meanTerm, strength } = terms;
  const featureCount = slope.length;
  const expected = meanTerm.reduce((sum, term) => sum + term, intercept);
  const term = (x: number, feature: number): number => {
    if (x !== x) return whenMissing[feature]!;
    const known = x < least[feature]! ? least[feature]! : x > most[feature]! ? most[feature]! : x;
    return (known - centre[feature]!) * slope[feature]!;
  };
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
      least: packDoubles(least),
      most: packDoubles(most),
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
    ...rangesOf(document, featureCount),
  };
}

/** Without bounds where a document has none: models made elsewhere, and those from before ranges were kept. */
function rangesOf(document: ModelDocument, featureCount: number): Pick<LinearTerms, 'least' | 'most'> {
  if (document['least'] === undefined && document['most'] === undefined) return unbounded(featureCount);
  return { least: readDoubles(document, 'least', featureCount), most: readDoubles(document, 'most', featureCount) };
}

/** Ranges of features that may have any value. */
export const unbounded = (featureCount: number): Pick<LinearTerms, 'least' | 'most'> => ({
  least: new Float64Array(featureCount).fill(-Infinity),
  most: new Float64Array(featureCount).fill(Infinity),
});
