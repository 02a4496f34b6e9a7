/** sentinel compare: metrics of several models side by side, from their cards or on one file. */
import { getMapping } from '../../datasets/mappings.ts';
import { DEFAULT_COSTS } from '../../domain/costs.ts';
import { type Evaluation } from '../../training/evaluate.ts';
import { METRIC_NAMES, METRICS } from '../../training/metric-table.ts';
import { evaluateModel } from '../../usecases/evaluate-model.ts';
import { type Command, type CommandInput } from '../command.ts';
import { metricText, sampleText } from '../render-metrics.ts';
import { getArtifact, getCard, openRegistry } from '../stored-models.ts';
import { type LoadedTable, loadTable, OPTIONAL_DATA_OPTIONS } from '../training-data.ts';

interface Compared {
  readonly version: string;
  /** The payments measured on: SHA-256 of the file and times of the first and last, epoch milliseconds. */
  readonly measuredOn: { readonly sha256: string; readonly fromMs: number; readonly toMs: number };
  readonly evaluation: Evaluation;
}

interface Comparison {
  readonly models: readonly Compared[];
  /** Whether all were measured on the same payments. */
  readonly samePayments: boolean;
}

/** Test periods as the cards hold them. */
async function fromCards(input: CommandInput, versions: readonly string[]): Promise<Compared[]> {
  const registry = openRegistry(input);
  const cards = await Promise.all(versions.map((version) => getCard(registry, version)));
  return cards.map(({ version, data, periods }) => {
    const { fromMs, toMs, evaluation } = periods.find(({ name }) => name === 'test')!;
    return { version, measuredOn: { sha256: data.sha256, fromMs, toMs }, evaluation };
  });
}

/** Every model on the payments of one file; models with the same feature settings share its features. */
async function onFile(input: CommandInput, versions: readonly string[], file: string): Promise<Compared[]> {
  const registry = openRegistry(input);
  const mapping = getMapping(input.given.text('mapping'));
  const tables = new Map<string, LoadedTable>();
  const compared: Compared[] = [];
  for (const version of versions) {
    const artifact = await getArtifact(registry, version);
    const key = JSON.stringify(artifact.featureSettings);
    const loaded = tables.get(key) ?? (await loadTable(input, mapping, [file], artifact.featureSettings));
    tables.set(key, loaded);
    const options = { costs: DEFAULT_COSTS, replicates: input.given.number('replicates'), seed: 1 };
    const { evaluation } = evaluateModel(artifact, loaded.table, options);
    const { sha256, fromMs, toMs } = loaded.data;
    compared.push({ version, measuredOn: { sha256, fromMs, toMs }, evaluation });
  }
  return compared;
}

export const command: Command<Comparison> = {
  arguments: [
    { name: 'versions', required: true, many: true, sentence: 'Model versions; sentinel models lists them.' },
  ],
  options: [
    ...OPTIONAL_DATA_OPTIONS,
    { name: 'replicates', type: 'whole number', value: 'N', default: 200, minimum: 0, maximum: 10_000, sentence: 'Bootstrap resamples behind each interval, with --data.' },
  ], // prettier-ignore
  settings: ['modelsDir'],
  example: 'sentinel compare v20260101_120000 v20260108_120000 --data data/payments.parquet',
  async run(input) {
    const versions = input.given.texts('versions');
    const file = input.given.optionalText('data');
    const models = file === undefined ? await fromCards(input, versions) : await onFile(input, versions, file);
    const first = JSON.stringify(models[0]?.measuredOn);
    return { models, samePayments: models.every(({ measuredOn }) => JSON.stringify(measuredOn) === first) };
  },
  render: ({ models, samePayments }) => {
    const cell = (text: string): string => text.padStart(28);
    return [
      ''.padEnd(28) + models.map(({ version }) => cell(version)).join(''),
      ''.padEnd(28) + models.map(({ evaluation }) => cell(sampleText(evaluation))).join(''),
      ...METRIC_NAMES.map((name) => {
        const cells = models.map(({ evaluation }) => {
          const { value, low, high } = evaluation.metrics[name];
          return cell(`${metricText(name, value)} [${metricText(name, low)}, ${metricText(name, high)}]`);
        });
        return METRICS[name].label.padEnd(28) + cells.join('');
      }),
      ...(samePayments ? [] : ['Measured on different payments: compare them on one file with --data.']),
    ].join('\n');
  },
};
