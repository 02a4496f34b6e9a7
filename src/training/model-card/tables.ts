/** The tables of the model card. */
import { type Confusion } from '../../metrics/confusion.ts';
import { type MeasuredMetric } from '../evaluate.ts';
import { METRIC_NAMES, type MetricName, METRICS } from '../metric-table.ts';
import { type PeriodName } from '../split.ts';
import { type CardCandidate, day, type ModelCard } from './card.ts';
import { decimal, escaped, money, percent, signed, whole } from './text.ts';

const PERIOD_LABELS: Readonly<Record<PeriodName, string>> = {
  train: 'training',
  earlyStopping: 'early stopping',
  calibration: 'calibration',
  policy: 'policy',
  test: 'test',
};

/** A metric's value in the words of its unit. */
export function metricText(name: MetricName, value: number, currency: string): string {
  const { unit } = METRICS[name];
  if (unit === 'money') return money(value, currency);
  return unit === 'nats' || name === 'brier' || name === 'calibrationError' ? decimal(value, 4) : decimal(value);
}

/** The interval of a metric; empty where there is none. */
export function intervalText(name: MetricName, { low, high }: MeasuredMetric, currency: string): string {
  if (!Number.isFinite(low)) return '';
  if (METRICS[name].unit === 'money') return `${signed(low)} to ${signed(high)}`;
  return `${metricText(name, low, currency)} to ${metricText(name, high, currency)}`;
}

export function metricsTable({ periods, currency }: ModelCard): string {
  const shown = periods.toReversed();
  const head = shown
    .map(
      ({ name, fromMs, toMs }) =>
        `<th scope="col">${PERIOD_LABELS[name]}<small>${day(fromMs)} – ${day(toMs - 1)}</small></th>`,
    )
    .join('');
  const count = (label: string, text: (evaluation: (typeof shown)[number]['evaluation']) => string): string =>
    `<tr><th scope="row">${label}</th>${shown.map(({ evaluation }) => `<td>${text(evaluation)}</td>`).join('')}</tr>`;
  const rows = METRIC_NAMES.map((name) => {
    const cells = shown.map(({ evaluation }) => {
      const metric = evaluation.metrics[name];
      return `<td>${metricText(name, metric.value, currency)}<small>${intervalText(name, metric, currency)}</small></td>`;
    });
    return `<tr><th scope="row" title="${escaped(METRICS[name].description)}">${METRICS[name].label}</th>${cells.join('')}</tr>`;
  }).join('');
  return `<div class="card scroll"><table><thead><tr><th scope="col">metric</th>${head}</tr></thead><tbody>
${count('payments', (e) => whole(e.payments))}${count('frauds', (e) => `${whole(e.frauds)}<small>${percent(e.frauds / e.payments)}</small>`)}${count('amount', (e) => money(e.amount, currency))}
${rows}</tbody><caption>Small figures are 95 % intervals from resampled customers. The training column is no estimate: the model has seen those payments.</caption></table></div>`;
}

function membersText({ members }: CardCandidate): string {
  if (members.length < 2) return '';
  const parts = members.filter(({ weight }) => weight !== 0).map(({ name, weight }) => `${decimal(weight, 2)} ${name}`);
  return escaped(parts.join(' + '));
}

/** Mean average precision over the folds that have one. */
function foldsText({ folds = [] }: CardCandidate): string {
  const known = folds.map(({ averagePrecision }) => averagePrecision).filter(Number.isFinite);
  return decimal(known.length === 0 ? NaN : known.reduce((sum, value) => sum + value, 0) / known.length);
}

/** The quality, time and cost of a candidate as table cells. */
export function candidateCells(candidate: CardCandidate): string {
  const { averagePrecision, rocAuc, fitSeconds = NaN, costUs } = candidate;
  return `<td>${decimal(averagePrecision)}</td><td>${decimal(rocAuc)}</td><td>${foldsText(candidate)}</td><td>${decimal(fitSeconds, 1)} s</td><td>${decimal(costUs, 1)} µs</td>`;
}

export const CANDIDATE_HEADS =
  '<th scope="col">average precision</th><th scope="col">ROC-AUC</th><th scope="col">cross-validated AP</th><th scope="col">training time</th><th scope="col">cost a payment</th>';

export function candidatesTable({ candidates, servingBudgetUs }: ModelCard): string {
  const rows = candidates
    .map((candidate) => {
      const badge = candidate.chosen ? '<span class="badge">chosen</span>' : '';
      return `<tr${candidate.chosen ? ' class="chosen"' : ''}><th scope="row">${escaped(candidate.name)}${badge}<small>${membersText(candidate)}</small></th>${candidateCells(candidate)}<td>${candidate.withinBudget ? 'within' : 'over'}</td></tr>`;
    })
    .join('');
  return `<div class="card scroll"><table><thead><tr><th scope="col">candidate</th>${CANDIDATE_HEADS}<th scope="col">budget ${decimal(servingBudgetUs, 0)} µs</th></tr></thead><tbody>${rows}</tbody><caption>Ranked on the calibration and policy periods; the test period decided nothing. Cross-validated: mean over folds of the training period. Cost is margin and exact contributions, as timed when trained.</caption></table></div>`;
}

export function confusionTable(title: string, confusion: Confusion): string {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const cell = (count: number, of: number, right: boolean): string =>
    `<td${right ? ' class="right"' : ''}><b>${whole(count)}</b><small>${percent(of > 0 ? count / of : 0)}</small></td>`;
  const frauds = truePositives + falseNegatives;
  const genuine = falsePositives + trueNegatives;
  return `<div class="card scroll"><table class="matrix"><thead><tr><th scope="col">${escaped(title)}</th><th scope="col">flagged</th><th scope="col">let through</th></tr></thead><tbody><tr><th scope="row">fraud</th>${cell(truePositives, frauds, true)}${cell(falseNegatives, frauds, false)}</tr><tr><th scope="row">genuine</th>${cell(falsePositives, genuine, false)}${cell(trueNegatives, genuine, true)}</tr></tbody></table></div>`;
}

/** Recall by kind of fraud; nothing where the data names none. */
export function scenariosTable({ scenarios = [], currency }: ModelCard): string {
  if (!scenarios.some(({ scenario }) => scenario !== '')) return '';
  const rows = scenarios
    .map(
      ({ scenario, frauds, flagged, blocked, amount, amountFlagged }) =>
        `<tr><th scope="row">${escaped(scenario === '' ? 'not named' : scenario.replaceAll('_', ' '))}</th><td>${whole(frauds)}</td><td>${percent(flagged / frauds)}</td><td>${percent(blocked / frauds)}</td><td>${money(amount, currency)}</td><td>${percent(amount > 0 ? amountFlagged / amount : NaN)}</td></tr>`,
    )
    .join('');
  return `<h2>By kind of fraud</h2><div class="card scroll"><table><thead><tr><th scope="col">kind</th><th scope="col">frauds</th><th scope="col">flagged</th><th scope="col">blocked</th><th scope="col">amount</th><th scope="col">of it flagged</th></tr></thead><tbody>${rows}</tbody><caption>On the test period; flagged is reviewed or blocked. A kind of few frauds says little.</caption></table></div>`;
}

/** How unseen payments were ranked with fewer and fewer features; nothing where all were kept unasked. */
export function selectionTable({ selection }: ModelCard): string {
  if (selection === undefined) return '';
  const rows = selection.steps
    .map(({ features, averagePrecision: quality, dropped }, step) => {
      const badge = step === selection.chosen ? '<span class="badge">kept</span>' : '';
      return `<tr${badge && ' class="chosen"'}><th scope="row">${features}${badge}</th><td>${decimal(quality)}</td><td>${dropped.map((name) => `<code>${escaped(name)}</code>`).join(' ')}</td></tr>`;
    })
    .join('');
  return `<h2>Features left out</h2><div class="card scroll"><table><thead><tr><th scope="col">features</th><th scope="col">average precision</th><th scope="col">left out next</th></tr></thead><tbody>${rows}</tbody><caption>Mean over folds of the training period; each step leaves out those that moved scores least. Kept is the last set before payments were ranked worse.</caption></table></div>`;
}

const driftWord = (psi: number): string => (psi < 0.1 ? 'none' : psi <= 0.25 ? 'moderate' : 'significant');

/** Features that look most unlike their training. */
export function driftTable({ drift = [] }: ModelCard): string {
  if (drift.length === 0) return '';
  const rows = drift
    .map(
      ({ feature, psi, missing: [before, after] }) =>
        `<tr><th scope="row"><code>${escaped(feature)}</code></th><td>${decimal(psi)}</td><td>${driftWord(psi)}</td><td>${percent(before)}</td><td>${percent(after)}</td></tr>`,
    )
    .join('');
  return `<h2>Drift of inputs</h2><div class="card scroll"><table><thead><tr><th scope="col">feature</th><th scope="col">PSI</th><th scope="col">drift</th><th scope="col">missing in training</th><th scope="col">missing in test</th></tr></thead><tbody>${rows}</tbody><caption>From the training to the test period, the ${drift.length} most drifted: population stability index over deciles of training and missing values. What a history has gathered since its first day grows by itself.</caption></table></div>`;
}

/** Pairs of a term and its description; descriptions are HTML. */
export function definitions(pairs: readonly (readonly [term: string, description: string])[]): string {
  return `<dl class="card">${pairs.map(([term, description]) => `<dt>${escaped(term)}</dt><dd>${description}</dd>`).join('')}</dl>`;
}
