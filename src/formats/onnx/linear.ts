/** LinearClassifier and LinearRegressor as a linear model of ours. */
import { logisticFromTerms, unbounded } from '../../learners/logistic.ts';
import { type Columns } from '../../learners/protocol.ts';
import { refused } from '../place.ts';
import { integer, numbers, numbersOf, placeOf, textOf } from './attributes.ts';
import { type InputColumn } from './columns.ts';
import { type Node } from './protobuf.ts';
import { type OnnxScores } from './scores.ts';

/** The coefficients of fraud: of the only output, or of the second of two classes (for a soft maximum, less the first). */
function coefficientsOf(node: Node, columns: number) {
  const given = numbers(node, 'coefficients');
  const outputs = given.length / columns;
  const most = node.op_type === 'LinearClassifier' ? 2 : 1;
  if (!Number.isInteger(outputs) || outputs < 1 || outputs > most) {
    throw refused(`${placeOf(node)}, coefficients`, `holds ${given.length} values for ${columns} columns`);
  }
  const transform = textOf(node, 'post_transform', 'NONE');
  if (!['NONE', 'LOGISTIC', 'SOFTMAX'].includes(transform)) {
    throw refused(placeOf(node), `post_transform ${transform} is not supported`);
  }
  if (integer(node, 'targets', 1) > 1) throw refused(placeOf(node), 'several outputs are not supported');
  const intercepts = numbers(node, 'intercepts').length === 0 ? [0, 0] : numbersOf(node, 'intercepts', outputs);
  if (outputs === 1) return { weights: given, intercept: intercepts[0]! };
  const [first, second] = [given.slice(0, columns), given.slice(columns)];
  if (transform !== 'SOFTMAX') return { weights: second, intercept: intercepts[1]! };
  return { weights: second.map((weight, place) => weight - first[place]!), intercept: intercepts[1]! - intercepts[0]! };
}

/**
 * Where nothing stands for a missing value the library gives no score at all: here it counts as the mean of the rows
 * the model is explained against, so that it says nothing.
 */
export function readLinear(node: Node, columns: readonly InputColumn[], featureCount: number): OnnxScores {
  const { weights, intercept } = coefficientsOf(node, columns.length);
  const [slope, shift, strength] = Array.from({ length: 3 }, () => new Float64Array(featureCount)) as [Float64Array, Float64Array, Float64Array]; // prettier-ignore
  /** What the parts of a missing value add; NaN when nothing stands for it. */
  const missing = new Float64Array(featureCount);
  columns.forEach((column, place) => {
    const weight = weights[place]!;
    const { feature } = column;
    slope[feature] = slope[feature]! + weight * column.slope;
    shift[feature] = shift[feature]! + weight * column.shift;
    strength[feature] = strength[feature]! + Math.abs(weight);
    missing[feature] = missing[feature]! + weight * column.whenMissing;
  });
  // Terms are (x − centre)·slope: the centre takes up the shift, unless the slope is 0.
  const centre = slope.map((value, feature) => (value === 0 ? 0 : -shift[feature]! / value));
  const constant = shift.reduce((sum, value, feature) => sum + (slope[feature] === 0 ? value : 0), intercept);
  const withMeans = (means: Float64Array) =>
    logisticFromTerms({
      intercept: constant,
      ...unbounded(featureCount),
      centre,
      slope,
      whenMissing: missing.map((value, feature) => (Number.isNaN(value) ? means[feature]! : value)),
      meanTerm: means,
      strength,
    });
  return {
    needsSum: false,
    model: withMeans(new Float64Array(featureCount)),
    referredTo: (rows) =>
      withMeans(
        slope.map((value, feature) =>
          meanTerm(rows, feature, (x) => (x - centre[feature]!) * value, missing[feature]!),
        ),
      ),
  };
}

/** The mean of a feature's term over the rows; where nothing stands for missing values, over those that have it. */
function meanTerm({ values, rows }: Columns, feature: number, term: (x: number) => number, missing: number): number {
  let [sum, count] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const x = values[feature]![row]!;
    const part = Number.isNaN(x) ? missing : term(x);
    if (Number.isNaN(part)) continue;
    sum += part;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
