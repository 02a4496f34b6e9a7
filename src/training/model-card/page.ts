/** The model card as one HTML page that needs nothing else: no script, no network. */
import { DROP_REASONS, reasonsMet, REPAIR_REASONS } from '../../datasets/cleaning-reasons.ts';
import { spanText } from '../../domain/time.ts';
import { type MetricName, METRICS } from '../metric-table.ts';
import { type ThresholdRule } from '../thresholds.ts';
import { day, type ModelCard } from './card.ts';
import {
  costFigure,
  importanceFigure,
  SHOWN_FEATURES,
  precisionRecallFigure,
  reliabilityFigure,
  rocFigure,
  scoreFigure,
} from './figures.ts';
import { STYLE } from './style.ts';
import {
  candidatesTable,
  confusionTable,
  definitions,
  driftTable,
  intervalText,
  metricsTable,
  metricText,
  scenariosTable,
  selectionTable,
} from './tables.ts';
import { decimal, escaped, money, percent, probabilityLabel, whole } from './text.ts';

/** What a reader wants to know first. */
const HEADLINES = ['averagePrecision', 'rocAuc', 'precision', 'recall', 'moneySaved', 'calibrationError'] as const satisfies readonly MetricName[]; // prettier-ignore

function tiles({ periods, currency }: ModelCard): string {
  const { metrics } = periods.at(-1)!.evaluation;
  return HEADLINES.map((name) => {
    const interval = intervalText(name, metrics[name], currency);
    const { label, unit, description } = METRICS[name];
    const value = metricText(name, metrics[name].value, currency);
    const shown = unit === 'money' ? value.replace(/ (\S+)$/, ' <i>$1</i>') : value;
    return `<div class="card tile" title="${escaped(description)}"><span>${label}</span><b>${shown}</b><small>${interval}</small></div>`;
  }).join('');
}

function ruleText(rule: ThresholdRule): string {
  if (rule.kind === 'fixed' || rule.blockPrecision === undefined) return aimText(rule);
  return `${aimText(rule)}, blocking only where ${percent(rule.blockPrecision)} of the blocked are frauds`;
}

function aimText(rule: ThresholdRule): string {
  switch (rule.kind) {
    case 'fixed':
      return 'fixed';
    case 'cost-optimal':
      return 'least expected loss';
    case 'f-beta':
      return `highest F with β = ${rule.beta}`;
    case 'maximum-fpr':
      return `false-positive rate at most ${percent(rule.fpr)}`;
    case 'target-precision':
      return `precision at least ${percent(rule.precision)}`;
    case 'review-capacity':
      return `least loss with at most ${whole(rule.reviewsPerDay)} reviews a day`;
  }
}

function settings(card: ModelCard): string {
  const { costs, currency, thresholds, calibration } = card;
  const chosen = card.candidates.find((candidate) => candidate.chosen);
  return definitions([
    ['model', escaped(chosen?.name ?? '')],
    ['calibration', `${calibration.method}<br>held-out log loss: Platt ${decimal(calibration.logLoss.platt, 5)}, isotonic ${decimal(calibration.logLoss.isotonic, 5)}`], // prettier-ignore
    ['thresholds', `review from ${probabilityLabel(thresholds.review)}, block from ${probabilityLabel(thresholds.block)}<br>${ruleText(card.thresholdRule)}, chosen on the policy period`], // prettier-ignore
    ['costs', `chargeback fee ${money(costs.chargebackFee, currency)}, review ${decimal(costs.reviewCost, 2)} ${currency}, churn ${percent(costs.churnShare)} of a wrongly blocked amount`], // prettier-ignore
    ['label delay', `${spanText(card.labelDelayMs)} between the policy and the test period`],
    ['seed', whole(card.seed).replaceAll(',', '')],
    ['resamples', whole(card.replicates)],
    ['code', escaped(card.codeVersion)],
    ...Object.entries(card.environment).map(([name, value]) => [name, escaped(value)] as const),
  ]);
}

/** How many rows met which reason; none where no row did. */
function counted(title: string, met: ReturnType<typeof reasonsMet>): (readonly [string, string])[] {
  if (met.length === 0) return [];
  return [[title, met.map(({ count, words }) => `${whole(count)}: ${escaped(words)}`).join('<br>')]];
}

function provenance({ data, cleaning, catalogue, importedFrom }: ModelCard): string {
  return definitions([
    ['mapping', escaped(data.mapping)],
    ['file', `<code>${escaped(data.path)}</code>`],
    ['SHA-256', `<code>${escaped(data.sha256)}</code>`],
    ['payments', whole(data.rows)],
    ...(cleaning === undefined
      ? []
      : [
          ...(cleaning.unlabelled === 0
            ? []
            : [['without a label', `${whole(cleaning.unlabelled)}, which count as genuine`] as const]),
          ...counted('rows dropped', reasonsMet(cleaning.dropped, DROP_REASONS)),
          ...counted('rows repaired', reasonsMet(cleaning.repaired, REPAIR_REASONS)),
        ]),
    ['from, to', `${day(data.fromMs)}, ${day(data.toMs)}`],
    ['features', `${catalogue.featureCount} of catalogue ${escaped(catalogue.name)}`],
    ['catalogue hash', `<code>${escaped(catalogue.hash)}</code>`],
    ...(importedFrom === undefined
      ? []
      : ([
          ['imported from', `${escaped(importedFrom.format)}, <code>${escaped(importedFrom.path)}</code>`],
          ['its SHA-256', `<code>${escaped(importedFrom.sha256)}</code>`],
        ] as const)),
  ]);
}

/** Empty for a model without contributions; the limits say why. */
function importanceSection(card: ModelCard): string {
  const { length } = card.importance;
  if (length === 0) return '';
  return `<h2>What moves the score</h2><div class="card scroll">${importanceFigure(card)}<p class="note">The ${Math.min(SHOWN_FEATURES, length)} of ${length} features whose exact Shapley values are largest on average over test payments, in log-odds.</p></div>`;
}

/** The whole page; the same card gives the same bytes. */
export function renderModelCard(card: ModelCard): string {
  const test = card.periods.at(-1)!;
  const { review, block } = test.evaluation.confusion;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Model card ${escaped(card.version)}</title><style>${STYLE}</style></head><body><main>
<header><div><h1>Model card</h1><p class="lead">Fraud model <code>${escaped(card.version)}</code>, tested on ${whole(test.evaluation.payments)} payments with ${whole(test.evaluation.frauds)} frauds, <span class="together">${day(test.fromMs)} to ${day(test.toMs - 1)}</span>.</p></div>
<div class="stamp">trained ${new Date(card.createdMs).toISOString().slice(0, 16).replace('T', ' ')} UTC<br>${escaped(card.data.mapping)} · catalogue ${escaped(card.catalogue.hash.slice(0, 12))}</div></header>
<section class="tiles">${tiles(card)}</section>
<h2>On the test period</h2>
<section class="figures">${[precisionRecallFigure, rocFigure, scoreFigure, costFigure, reliabilityFigure].map((draw) => draw(card)).join('\n')}
<div>${confusionTable('review threshold', review)}<div style="height:16px"></div>${confusionTable('block threshold', block)}</div></section>
<h2>Metrics by period</h2>${metricsTable(card)}
${scenariosTable(card)}
<h2>Candidates</h2>${candidatesTable(card)}
${importanceSection(card)}
${selectionTable(card)}
${driftTable(card)}
<h2>How it was made</h2><section class="pair">${settings(card)}${provenance(card)}</section>
<h2>Limits</h2><div class="card"><ul>${card.limits.map((limit) => `<li>${escaped(limit)}</li>`).join('')}</ul></div>
</main></body></html>
`;
}
