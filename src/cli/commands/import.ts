/** sentinel import: a model trained elsewhere, calibrated, tested and registered like any other. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { onnxRuntime } from '../../adapters/onnxruntime/graph-runtime.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { FORMATS } from '../../formats/read-model.ts';
import { importedLearner } from '../../usecases/import-model.ts';
import { type Command } from '../command.ts';
import { PROMOTE_OPTION, replicatesOption, seedOption } from '../common-options.ts';
import { renderMetrics } from '../render-metrics.ts';
import { trainFromFile, type TrainedFromFile } from '../train-from-file.ts';
import { TRACKING_SETTINGS } from '../tracking.ts';
import { catalogueOf, catalogueOption, DATA_OPTIONS, requireFiles } from '../training-data.ts';

/** One name a line, or a JSON list. DATA_UNREADABLE when it begins like a list and is none. */
function namesIn(text: string, file: string): readonly string[] {
  const list = text.trim(); // and a byte order mark goes with the blanks
  if (!list.startsWith('[')) {
    return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ''); // prettier-ignore
  }
  try {
    return (JSON.parse(list) as unknown[]).map(String);
  } catch (cause) {
    throw new SentinelError('DATA_UNREADABLE', { file, problem: 'is not a JSON list of names' }, cause);
  }
}

export const command: Command<TrainedFromFile> = {
  options: [
    { name: 'from', type: 'text', value: 'FORMAT', required: true, choices: FORMATS, sentence: 'What made the file: XGBoost (JSON or UBJSON), LightGBM (text), CatBoost (JSON), or ONNX.' },
    { name: 'file', type: 'text', value: 'FILE', required: true, sentence: 'The model.' },
    { name: 'features', type: 'text', value: 'FILE', sentence: 'Names of its features in its order, one a line or a JSON list. (default: those in the model)' },
    ...DATA_OPTIONS,
    catalogueOption('those of the mapping'),
    seedOption('The same seed draws the same resamples.'),
    replicatesOption(),
    PROMOTE_OPTION,
  ], // prettier-ignore
  settings: ['modelsDir', 'policyFile', 'servingBudgetUs', ...TRACKING_SETTINGS],
  example: 'sentinel import --from xgboost --file model.json --data data/payments.parquet --mapping sentinel',
  async run(input) {
    const { given, config } = input;
    const path = given.text('file');
    const format = FORMATS.find((known) => known === given.text('from'))!; // one of the choices
    const namesFile = given.optionalText('features');
    await requireFiles([path, ...(namesFile === undefined ? [] : [namesFile])]);
    const bytes = await readFile(path);
    const names = namesFile === undefined ? undefined : namesIn(await readFile(namesFile, 'utf8'), namesFile);
    const mapping = getMapping(given.text('mapping'));
    return trainFromFile(input, config(), {
      command: 'import',
      path: given.text('data'),
      mapping: mapping.name,
      catalogue: catalogueOf(given, mapping.features.catalogue),
      seed: given.number('seed'),
      replicates: given.number('replicates'),
      promote: given.flag('promote'),
      imported: {
        learnerFor: (catalogue) =>
          importedLearner({ format, bytes, path, ...(names && { names }) }, catalogue, onnxRuntime),
        from: { format, path, sha256: createHash('sha256').update(bytes).digest('hex') },
      },
    });
  },
  render: ({ version, directory, promoted, card }) =>
    `${version}${promoted ? ', now in production' : ''}, imported: ${directory}/model-card.html\n${renderMetrics(card)}`,
};
