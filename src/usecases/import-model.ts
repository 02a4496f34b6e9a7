/** A model trained elsewhere becomes a learner over our feature catalogue: it has learned already, the rest is ours. */
import { SentinelError } from '../domain/errors.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { hash32 } from '../features/hash.ts';
import { type ImportedFeature, type ImportedModel } from '../formats/imported-model.ts';
import { type ForeignGraph, readForeignGraph } from '../formats/onnx/foreign.ts';
import { type Format, readForeignModel } from '../formats/read-model.ts';
import { createEncodedModel } from '../learners/encoded-model.ts';
import { type Encoder, encoderFromSteps, type Step } from '../learners/encoder.ts';
import { createForeignGraphModel } from '../learners/foreign-graph.ts';
import { type Learner } from '../learners/protocol.ts';
import { type GraphRuntime } from '../ports/graph-runtime.ts';

export interface ModelFile {
  readonly format: Format;
  readonly bytes: Uint8Array;
  /** Where it lies, for errors. */
  readonly path: string;
  /** Names of the features in the model's order, instead of those in the file. */
  readonly names?: readonly string[];
}

/**
 * A learner whose model is the one in the file, over vectors of the catalogue. MODEL_UNREADABLE, with place and reason,
 * when the file cannot be read as meant or its features are not in the catalogue (all missing ones are named). An ONNX
 * graph that cannot be read is left to the runtime, where there is one: it then scores without explaining.
 */
export function importedLearner(file: ModelFile, catalogue: Catalogue, runtime?: GraphRuntime): Learner {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new SentinelError('MODEL_UNREADABLE', { file: file.path, format: file.format, problem }, cause);
  };
  const imported = readFile(file, refuse, runtime);
  const features = named(imported, file.names, refuse);
  const encoder = encoderFor(features, catalogue, refuse);
  return {
    name: `${file.format} (imported)`,
    fit(training) {
      const { model, referredTo } = imported;
      return createEncodedModel(encoder, referredTo?.(encoder.encodeColumns(training)) ?? model);
    },
  };
}

type Refuse = (problem: string, cause?: unknown) => never;

function readFile({ format, bytes }: ModelFile, refuse: Refuse, runtime?: GraphRuntime): ImportedModel {
  try {
    return readForeignModel(format, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const graph = format === 'onnx' && runtime !== undefined ? graphIn(bytes) : undefined;
    if (graph === undefined) return refuse(reason, error);
    if (runtime!.version() === undefined) return refuse(`${reason}${unknownIn(graph)}; onnxruntime-node can run it: ${runtime!.install}`, error); // prettier-ignore
    return { features: graph.features, model: createForeignGraphModel(graph.file, runtime!.open) };
  }
}

/** The file as a graph to be run whole; undefined for one that no runtime could be fed. */
function graphIn(bytes: Uint8Array): ForeignGraph | undefined {
  try {
    return readForeignGraph(bytes);
  } catch {
    return undefined;
  }
}

function unknownIn({ unknownOperators }: ForeignGraph): string {
  return unknownOperators.length === 0 ? '' : ` (operators that are not supported: ${unknownOperators.join(', ')})`;
}

function named({ features }: ImportedModel, names: ModelFile['names'], refuse: Refuse): readonly ImportedFeature[] {
  if (names === undefined) return features;
  if (names.length !== features.length) refuse(`it reads ${features.length} features, ${names.length} names are given`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) refuse(`the names given hold ${twice} twice`);
  return features.map((feature, index) => ({ ...feature, name: names[index]! }));
}

/** Picks the model's features out of catalogue vectors, categories by the code the model knows them by. */
function encoderFor(features: readonly ImportedFeature[], catalogue: Catalogue, refuse: Refuse): Encoder {
  const missing = features.filter(({ name }) => catalogue.find(name) === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    const which = missing.length === 1 ? 'feature is' : `${missing.length} features are`;
    refuse(`its ${which} not in the catalogue ${catalogue.name}: ${missing.join(', ')}`);
  }
  const steps = features.map((feature): Step => stepOf(feature, catalogue.find(feature.name)!));
  return encoderFromSteps(catalogue.features.length, steps);
}

/**
 * A category is known by the hash of its text, as catalogue vectors hold it, and by its number, where its text is one:
 * the model may have learned from hashes, or the feature be a number.
 */
function stepOf({ categories }: ImportedFeature, source: number): Step {
  if (categories === undefined) return { source, encoding: 'copy' };
  const { texts, unknown } = categories;
  const codes = new Map(texts.map((text, code) => [hash32(text), code]));
  texts.forEach((text, code) => {
    const number = text.trim() === '' ? NaN : Number(text);
    if (!Number.isNaN(number)) codes.set(number, code);
  });
  const [keys, values] = [Float64Array.from(codes.keys()), Float64Array.from(codes.values())];
  return { source, encoding: 'ordinal', keys, values, unknown };
}
