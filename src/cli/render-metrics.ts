/** Metrics with their intervals as lines for a terminal. */
import { type Evaluation, type MeasuredMetric } from '../training/evaluate.ts';
import { METRICS, type MetricName } from '../training/metric-table.ts';
import { type ModelCard } from '../training/model-card/card.ts';
import { flatScoreText } from '../training/model-card/text.ts';

const DECIMALS = { share: 4, nats: 5, money: 0 } as const;

/** A metric's value in its unit; a dash where it is not defined (null in stored cards). */
export function metricText(name: MetricName, value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–';
  return value.toFixed(DECIMALS[METRICS[name].unit]);
}

/** One line a metric: label, value and interval. */
export function metricLines(metrics: Readonly<Record<MetricName, MeasuredMetric>>): readonly string[] {
  return (Object.keys(metrics) as MetricName[]).map((name) => {
    const { value, low, high } = metrics[name];
    const [at, from, to] = [value, low, high].map((number) => metricText(name, number));
    return `  ${METRICS[name].label.padEnd(28)} ${at!.padStart(9)}  [${from}, ${to}]`;
  });
}

/** “1,200 payments, 34 frauds”. */
export function sampleText({ payments, frauds }: Pick<Evaluation, 'payments' | 'frauds'>): string {
  return `${payments.toLocaleString('en')} payments, ${frauds.toLocaleString('en')} frauds`;
}

/** Metrics of a card's test period, and how the candidates ranked. */
export function renderMetrics(card: ModelCard): string {
  const test = card.periods.find(({ name }) => name === 'test')!.evaluation;
  const candidates = card.candidates.map(
    ({ name, averagePrecision, rocAuc, costUs, chosen, fitSeconds = NaN }) =>
      `  ${chosen ? '*' : ' '} ${name.padEnd(20)} AP ${averagePrecision.toFixed(4)}  AUC ${rocAuc.toFixed(4)}  ${costUs.toFixed(1)} µs  trained in ${fitSeconds.toFixed(1)} s`,
  );
  return [
    `Test period: ${sampleText(test)}; 95 % intervals`,
    ...metricLines(test.metrics),
    ...(card.suspicious ?? []).map(
      ({ feature, rocAuc }) =>
        `Warning: ${feature} alone tells fraud with ROC-AUC ${rocAuc.toFixed(3)}; make sure that it is known when a payment is made.`,
    ),
    ...(card.flatScore === undefined ? [] : [`Warning: ${flatScoreText(card.flatScore)}`]),
    'Candidates on the calibration and policy periods (* chosen):',
    ...candidates,
  ].join('\n');
}
