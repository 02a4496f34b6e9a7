/** An encoder and the model behind it as one model over raw feature vectors. */
import { DEFAULT_PLAN, type Encoder, type EncodingPlan, encoderFromDocument, fitEncoder } from './encoder.ts';
import { type Learner, type Model, type ModelDocument, type TrainingSet } from './protocol.ts';

/** Contributions of a raw feature are the sums over the model columns made from it. */
export function createEncodedModel(encoder: Encoder, inner: Model): Model {
  if (encoder.outputCount !== inner.featureCount) {
    throw new RangeError(`invalid encoder: makes ${encoder.outputCount} columns for a model of ${inner.featureCount}`);
  }
  const { sources, inputCount: featureCount } = encoder;
  const encoded = new Float64Array(encoder.outputCount);
  const parts = new Float64Array(encoder.outputCount);
  return {
    kind: 'encoded',
    featureCount,
    ...(inner.isUnexplained && { isUnexplained: true }),
    margin(row, offset = 0) {
      encoder.encodeRow(row, offset, encoded);
      return inner.margin(encoded);
    },
    addContributions(row, out, weight) {
      encoder.encodeRow(row, 0, encoded);
      parts.fill(0);
      const expected = inner.addContributions(encoded, parts, weight);
      addBySource(parts, sources, out);
      return expected;
    },
    importance() {
      const importance = new Float64Array(featureCount);
      addBySource(inner.importance(), sources, importance);
      return importance;
    },
    toDocument: () => ({
      kind: 'encoded',
      featureCount,
      encoder: encoder.toDocument(),
      model: inner.toDocument(),
    }),
  };
}

function addBySource(parts: Float64Array, sources: Int32Array, out: Float64Array): void {
  for (let place = 0; place < parts.length; place++) {
    const source = sources[place]!;
    out[source] = out[source]! + parts[place]!;
  }
}

/** A learner that takes raw columns: it encodes the categories, then fits `inner`; without any it is `inner`. */
export function createEncodedLearner(inner: Learner, given: Partial<EncodingPlan> = {}): Learner {
  const plan = { ...DEFAULT_PLAN, ...given };
  return {
    name: inner.name,
    fit(training, options) {
      if (!training.kinds?.includes('category')) return inner.fit(training, options);
      const { encoder, encoded } = fitEncoder(training, plan);
      const { validation, ...rest } = options;
      const model = inner.fit(encoded, {
        ...rest,
        ...(validation === undefined ? {} : { validation: encodeSet(encoder, validation) }),
      });
      return createEncodedModel(encoder, model);
    },
  };
}

function encodeSet(encoder: Encoder, set: TrainingSet): TrainingSet {
  return { ...encoder.encodeColumns(set), labels: set.labels, ...(set.weights && { weights: set.weights }) };
}

/** The model of a document; `read` makes the model behind the encoder. */
export function encodedFromDocument(document: ModelDocument, read: (inner: unknown) => Model): Model {
  return createEncodedModel(encoderFromDocument(document['encoder']), read(document['model']));
}
