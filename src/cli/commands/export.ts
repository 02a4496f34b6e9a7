/** sentinel export: a model for a runtime that is not ours. */
import { writeFile } from 'node:fs/promises';
import { writeWhole } from '../../adapters/duckdb/whole-file.ts';
import { SentinelError } from '../../domain/errors.ts';
import { EXPORT_FORMATS, exportModel } from '../../usecases/export-model.ts';
import { type Command } from '../command.ts';
import { getArtifact, MODEL_OPTION, openRegistry } from '../stored-models.ts';

interface Exported {
  readonly version: string;
  readonly format: string;
  readonly path: string;
  readonly bytes: number;
  readonly features: number;
}

export const command: Command<Exported> = {
  options: [
    MODEL_OPTION,
    { name: 'to', type: 'text', value: 'FORMAT', required: true, choices: EXPORT_FORMATS, sentence: 'ONNX (every model, calibration included) or XGBoost JSON (boosted trees alone, margins).' },
    { name: 'out', type: 'text', value: 'FILE', required: true, sentence: 'Where to write it.' },
  ], // prettier-ignore
  settings: ['modelsDir'],
  example: 'sentinel export --model v20260101_120000 --to onnx --out model.onnx',
  async run(input) {
    const { given } = input;
    const artifact = await getArtifact(openRegistry(input), given.optionalText('model'));
    const format = EXPORT_FORMATS.find((known) => known === given.text('to'))!; // one of the choices
    const path = given.text('out');
    const bytes = exportModel(artifact, format);
    try {
      await writeWhole(path, (temporary) => writeFile(temporary, bytes));
    } catch (cause) {
      throw new SentinelError('USAGE', { problem: `--out: ${(cause as Error).message}` }, cause);
    }
    return {
      version: artifact.version,
      format,
      path,
      bytes: bytes.length,
      features: artifact.catalogue.features.length,
    };
  },
  render: ({ version, format, path, bytes, features }) =>
    `${path}: ${version} as ${format}, ${bytes} bytes; it reads the ${features} features of the catalogue in their order`,
};
