/** Foreign model files by the name of their format. */
import { readCatboost } from './catboost/read.ts';
import { type ImportedModel } from './imported-model.ts';
import { readLightgbm } from './lightgbm/read.ts';
import { readOnnx } from './onnx/read.ts';
import { readXgboost } from './xgboost/read.ts';

export const FORMATS = ['xgboost', 'lightgbm', 'catboost', 'onnx'] as const;
export type Format = (typeof FORMATS)[number];

const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

const READERS: Readonly<Record<Format, (bytes: Uint8Array) => ImportedModel>> = {
  xgboost: readXgboost,
  lightgbm: (bytes) => readLightgbm(textOf(bytes)),
  catboost: (bytes) => readCatboost(textOf(bytes)),
  onnx: readOnnx,
};

/** The model in the bytes of a file; throws, with place and reason, when it cannot be read as meant. */
export function readForeignModel(format: Format, bytes: Uint8Array): ImportedModel {
  return READERS[format](bytes);
}
