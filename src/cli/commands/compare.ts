/** sentinel compare: metrics of several models side by side, from their cards or on one file. */
import { writeFile } from 'node:fs/promises';
import { writeWhole } from '../../adapters/duckdb/whole-file.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Evaluation } from '../../training/evaluate.ts';
import { METRIC_NAMES, METRICS } from '../../training/metric-table.ts';
import { type CardCandidate, type ModelCard } from '../../training/model-card/card.ts';
import { hasSamePrices, measuredAgain, renderComparison } from '../../training/model-card/comparison.ts';
import { cardCurves } from '../../training/model-card/curves.ts';
import { evaluateModel } from '../../usecases/evaluate-model.ts';
import { type Command, type CommandInput } from '../command.ts';
import { replicatesOption } from '../common-options.ts';
import { configuredCosts, ratesFor } from '../rates.ts';
import { metricText, sampleText } from '../render-metrics.ts';
import { FROM_OPTION, momentOf } from '../moments.ts';
import { requireOtherThan } from '../output-file.ts';
import { getArtifact, getCard, hasLearnedFrom, openRegistry } from '../stored-models.ts';
import { type LoadedTable, loadTable, OPTIONAL_DATA_OPTIONS, rowsFrom } from '../training-data.ts';
import { whileComputing } from '../while-computing.ts';

interface Compared {
  readonly version: string;
  readonly training: readonly Pick<CardCandidate, 'name' | 'fitSeconds' | 'costUs' | 'chosen'>[];
  /** The payments measured on: SHA-256 of the file and times of the first and last, epoch milliseconds. */
  readonly measuredOn: { readonly sha256: string; readonly fromMs: number; readonly toMs: number };
  /** The model learned from some of these payments, so the figures flatter it. */
  readonly learnedFrom: boolean;
  readonly evaluation: Evaluation;
}

interface Comparison {
  readonly models: readonly Compared[];
  /** Whether all were measured on the same payments. */
  readonly samePayments: boolean;
  /** Whether their money is in one currency and reckoned from one set of costs. */
  readonly samePrices: boolean;
  /** The page written with --html. */
  readonly page?: string;
}

/** A model as measured, for the terminal and for the page. */
interface Measured {
  readonly compared: Compared;
  readonly card: ModelCard;
}

function comparedOf(card: ModelCard, measuredOn: Compared['measuredOn']): Compared {
  const { sha256, fromMs } = measuredOn;
  const training = card.candidates.map(({ name, fitSeconds = NaN, costUs, chosen }) => ({ name, fitSeconds, costUs, chosen })); // prettier-ignore
  return {
    version: card.version,
    training,
    measuredOn,
    learnedFrom: hasLearnedFrom(card, sha256, fromMs),
    evaluation: card.periods.at(-1)!.evaluation,
  };
}

/** Test periods as the cards hold them. */
async function fromCards(input: CommandInput, versions: readonly string[]): Promise<Measured[]> {
  const registry = openRegistry(input);
  const cards = await Promise.all(versions.map((version) => getCard(registry, version)));
  return cards.map((card) => {
    const { fromMs, toMs } = card.periods.at(-1)!;
    return { card, compared: comparedOf(card, { sha256: card.data.sha256, fromMs, toMs }) };
  });
}

/** Every model on the payments of one file, from a moment on; models with the same feature settings share its features. */
async function onFile(input: CommandInput, versions: readonly string[], file: string): Promise<Measured[]> {
  const registry = openRegistry(input);
  const mapping = getMapping(input.given.text('mapping'));
  const fromMs = momentOf(input.given, 'from') ?? -Infinity;
  const tables = new Map<string, Pick<LoadedTable, 'table' | 'data'>>();
  const measured: Measured[] = [];
  for (const version of versions) {
    const artifact = await getArtifact(registry, version);
    const key = JSON.stringify(artifact.featureSettings);
    const rates = ratesFor(artifact, input.config());
    const load = async () => {
      const { table, data } = await loadTable(input, mapping, [file], artifact.featureSettings, { rates });
      return { table: rowsFrom(table, fromMs), data };
    };
    const { table, data } = tables.get(key) ?? (await load());
    tables.set(key, { table, data });
    const costs = configuredCosts(input.config());
    const options = { costs, replicates: input.given.number('replicates'), seed: 1 };
    const { sample, evaluation } = whileComputing(() => evaluateModel(artifact, table, options));
    const curves = cardCurves(sample, artifact.thresholds, costs);
    const card = measuredAgain(await getCard(registry, version), evaluation, curves, costs);
    const { sha256, toMs } = data;
    measured.push({ card, compared: comparedOf(card, { sha256, fromMs: table.timesMs[0]!, toMs }) });
  }
  return measured;
}

export const command: Command<Comparison> = {
  arguments: [
    { name: 'versions', required: true, many: true, sentence: 'Model versions; sentinel models lists them.' },
  ],
  options: [
    ...OPTIONAL_DATA_OPTIONS,
    { ...FROM_OPTION, sentence: 'Measure payments of the file from this day or time on; those before are history only. (default: all)' },
    { name: 'html', type: 'text', value: 'FILE', sentence: 'Also write one page with metrics, curves, learners and training times; it needs no network.' },
    replicatesOption('Bootstrap resamples behind each interval, with --data.'),
  ], // prettier-ignore
  settings: ['modelsDir', 'policyFile'],
  example: 'sentinel compare v20260101_120000 v20260108_120000 --data data/payments.parquet',
  async run(input) {
    const versions = input.given.texts('versions');
    const file = input.given.optionalText('data');
    const page = input.given.optionalText('html');
    if (file === undefined && input.given.optionalText('from') !== undefined) {
      throw new SentinelError('USAGE', { problem: '--from needs --data: the cards hold whole test periods' });
    }
    if (page !== undefined && file !== undefined) await requireOtherThan('html', page, [file]);
    const measured = file === undefined ? await fromCards(input, versions) : await onFile(input, versions, file);
    const models = measured.map(({ compared }) => compared);
    const first = JSON.stringify(models[0]?.measuredOn);
    const samePayments = models.every(({ measuredOn }) => JSON.stringify(measuredOn) === first);
    const samePrices = hasSamePrices(measured.map(({ card }) => card));
    if (page !== undefined) {
      const html = renderComparison(measured.map(({ card }) => card), samePayments, flattered(models)); // prettier-ignore
      await writeWhole(page, (temporary) => writeFile(temporary, html));
    }
    return { models, samePayments, samePrices, ...(page !== undefined && { page }) };
  },
  render: ({ models, samePayments, samePrices, page }) => {
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
      ...models.flatMap(({ version, training }) => [
        `Learners of ${version}, time of the fit, cost a payment (* chosen):`,
        ...training.map(({ name, fitSeconds, costUs, chosen }) => `  ${chosen ? '*' : ' '} ${name.padEnd(20)} ${secondsText(fitSeconds)}  ${costUs.toFixed(1)} µs`), // prettier-ignore
      ]),
      ...(page === undefined ? [] : [`Page: ${page}`]),
      ...(flattered(models).length === 0
        ? []
        : [`${flattered(models).join(', ')} learned from payments of this file, which flatters; see --from.`]),
      ...(samePayments ? [] : ['Measured on different payments: compare them on one file with --data.']),
      ...(samePrices
        ? []
        : ['Money is reckoned in different currencies or from different costs: compare it on one file with --data.']),
    ].join('\n');
  },
};

/** Versions measured on payments they learned from. */
function flattered(models: readonly Compared[]): readonly string[] {
  return models.filter(({ learnedFrom }) => learnedFrom).map(({ version }) => version);
}

/** A dash where the time was not taken: null in stored cards. */
function secondsText(seconds: number | null | undefined): string {
  return (Number.isFinite(seconds) ? `${seconds!.toFixed(1)} s` : '–').padStart(8);
}
