/** sentinel evaluate: every metric of a stored model on a file, with intervals. */
import { type CleaningReport } from '../../datasets/cleaning.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { type Evaluation } from '../../training/evaluate.ts';
import { evaluateModel } from '../../usecases/evaluate-model.ts';
import { type Command } from '../command.ts';
import { replicatesOption, seedOption } from '../common-options.ts';
import { requireOtherThan } from '../output-file.ts';
import { writePredictions } from '../predictions-file.ts';
import { whileComputing } from '../while-computing.ts';
import { configuredCosts, ratesFor } from '../rates.ts';
import { metricLines, sampleText } from '../render-metrics.ts';
import { getArtifact, getCard, hasLearnedFrom, MODEL_OPTION, openRegistry } from '../stored-models.ts';
import { FROM_OPTION, momentOf } from '../moments.ts';
import { DATA_OPTIONS, loadTable, rowsFrom } from '../training-data.ts';

interface Evaluated extends Evaluation {
  readonly version: string;
  readonly data: { readonly path: string; readonly sha256: string; readonly mapping: string };
  /** The model learned from some of these payments, so the figures flatter it. */
  readonly learnedFrom: boolean;
  /** What became of the rows of the file. */
  readonly cleaning: CleaningReport;
  readonly predictions?: string;
}

export const command: Command<Evaluated> = {
  options: [
    ...DATA_OPTIONS,
    MODEL_OPTION,
    FROM_OPTION,
    { name: 'predictions', type: 'text', value: 'FILE', sentence: 'Also write id, label, score and margin of each payment to this CSV file.' },
    replicatesOption(),
    seedOption('The same seed draws the same resamples.'),
  ], // prettier-ignore
  settings: ['modelsDir', 'policyFile'],
  example: 'sentinel evaluate --data data/payments.parquet --predictions predictions.csv',
  async run(input) {
    const { given } = input;
    const fromMs = momentOf(given, 'from') ?? -Infinity;
    const predictions = given.optionalText('predictions');
    if (predictions !== undefined) await requireOtherThan('predictions', predictions, [given.text('data')]);
    const registry = openRegistry(input);
    const artifact = await getArtifact(registry, given.optionalText('model'));
    const card = await getCard(registry, artifact.version);
    const mapping = getMapping(given.text('mapping'));
    const loaded = await loadTable(input, mapping, [given.text('data')], artifact.featureSettings, {
      rates: ratesFor(artifact, input.config()),
    });
    const table = rowsFrom(loaded.table, fromMs);
    const options = {
      costs: configuredCosts(input.config()),
      replicates: given.number('replicates'),
      seed: given.number('seed'),
    };
    const { sample, evaluation } = whileComputing(() => evaluateModel(artifact, table, options));
    if (predictions !== undefined) await writePredictions(predictions, table.transactionIds, sample);
    const { path, sha256 } = loaded.data;
    return {
      version: artifact.version,
      data: { path, sha256, mapping: mapping.name },
      learnedFrom: hasLearnedFrom(card, sha256, table.timesMs[0]!),
      ...evaluation,
      cleaning: loaded.cleaning,
      ...(predictions !== undefined && { predictions }),
    };
  },
  render: (result) =>
    [
      `${result.version} on ${result.data.path}: ${sampleText(result)}; 95 % intervals`,
      ...(result.learnedFrom ? ['The model learned from payments of this file, which flatters it; see --from.'] : []),
      ...metricLines(result.metrics),
      ...(result.predictions === undefined ? [] : [`Predictions: ${result.predictions}`]),
    ].join('\n'),
};
