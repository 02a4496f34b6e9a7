/** What an ONNX file says of itself before its operators: that it is whole, what it is fed, how its features are called. */
import { type GraphInput } from '../../learners/foreign-graph.ts';
import { featureCountOf, numberedNames } from '../imported-model.ts';
import { items, parseJson, refused, textOf } from '../place.ts';
import { FEATURE_NAMES_KEY } from './names.ts';
import { DATA_TYPE, decodeModel, type OnnxModel } from './protobuf.ts';

/** The model of a whole file; refuses what is damaged or empty. */
export function checkedModel(bytes: Uint8Array): OnnxModel {
  let model: OnnxModel;
  try {
    model = decodeModel(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(refused('file', `is not a whole ONNX model (${reason})`).message, { cause });
  }
  if (model.graph === undefined || model.graph.node.length === 0)
    throw refused('file', 'is not an ONNX model: it has no graph');
  return model;
}

/** One input of several columns, or several of one each; constants are no inputs. */
export function inputsOf({ graph }: OnnxModel): readonly GraphInput[] {
  const constants = new Set(graph.initializer.map(({ name }) => name));
  return graph.input
    .filter(({ name }) => !constants.has(name))
    .map(({ name, type }): GraphInput => {
      const elementType = type?.tensor_type?.elem_type;
      const width = type?.tensor_type?.shape?.dim?.[1]?.dim_value;
      if (elementType !== DATA_TYPE.float && elementType !== DATA_TYPE.double) {
        throw refused(`input ${name}`, 'is not a tensor of floats or doubles');
      }
      if (width === undefined || !(width > 0)) throw refused(`input ${name}`, 'does not say how many columns it has');
      const isSingle = elementType === DATA_TYPE.float;
      return { name, type: isSingle ? 'float32' : 'float64', width: featureCountOf(width, `input ${name}`) };
    });
}

/** Names of the features over all inputs: those the metadata list, else those the inputs give. */
export function featureNamesOf(
  { metadata_props: metadata }: OnnxModel,
  inputs: readonly GraphInput[],
): readonly string[] {
  const given = metadata.find(({ key }) => key === FEATURE_NAMES_KEY)?.value;
  const featureCount = inputs.reduce((sum, { width }) => sum + width, 0);
  const listed = given === undefined ? inputs.flatMap((input) => namesOf(input, inputs.length)) : items(parseJson(given, `metadata ${FEATURE_NAMES_KEY}`)).map(textOf); // prettier-ignore
  if (listed.length !== featureCount) throw refused('metadata', `names ${listed.length} features of ${featureCount}`);
  return listed;
}

function namesOf({ name, width }: GraphInput, inputs: number): readonly string[] {
  if (inputs === 1) return numberedNames(width);
  return width === 1 ? [name] : numberedNames(width).map((column) => `${name}.${column}`);
}
