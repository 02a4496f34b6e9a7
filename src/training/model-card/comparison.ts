/** Several models side by side as one HTML page: metrics, learners with their times, and every plot. */
import { type Costs } from '../../domain/costs.ts';
import { type Evaluation } from '../evaluate.ts';
import { METRIC_NAMES, type MetricName, METRICS } from '../metric-table.ts';
import { type ModelCard } from './card.ts';
import { type CardCurves, LOG_ODDS_RANGE, logOdds } from './curves.ts';
import { costFigure, importanceFigure, precisionRecallFigure, probabilityAxis, reliabilityFigure, rocFigure, scoreFigure, shareAxis } from './figures.ts'; // prettier-ignore
import { figure, line, type Mark, roundTicks, type Series } from './plot.ts';
import { STYLE } from './style.ts';
import { CANDIDATE_HEADS, candidateCells, confusionTable, intervalText, metricText } from './tables.ts';
import { compact, escaped, percent, whole } from './text.ts';

/** Lines that can be told apart by colour and by dash. */
const OVERLAID: readonly Series[] = ['fraud', 'genuine', 'before', 'accent'];

/** The card of a model with another measurement, by these costs, in place of its own test. */
export function measuredAgain(card: ModelCard, evaluation: Evaluation, curves: CardCurves, costs: Costs): ModelCard {
  const test = card.periods.at(-1)!;
  return { ...card, costs, curves, periods: [...card.periods.slice(0, -1), { ...test, evaluation }] };
}

/** Whether the money of all cards is in one currency and reckoned from one set of costs: only then it compares. */
export function hasSamePrices(cards: readonly ModelCard[]): boolean {
  const priceOf = ({ currency, costs }: ModelCard): string =>
    [currency, costs.chargebackFee, costs.reviewCost, costs.churnShare].join();
  return cards.every((card) => priceOf(card) === priceOf(cards[0]!));
}

const testOf = ({ periods }: ModelCard): Evaluation => periods.at(-1)!.evaluation;

/** The place of the best value of a metric; −1 where none is defined. */
function bestOf(cards: readonly ModelCard[], name: MetricName): number {
  const sign = METRICS[name].better === 'higher' ? 1 : -1;
  let [best, highest] = [-1, -Infinity];
  cards.forEach((card, place) => {
    const { value } = testOf(card).metrics[name];
    if (Number.isFinite(value) && sign * value > highest) [best, highest] = [place, sign * value];
  });
  return best;
}

function metricsTable(cards: readonly ModelCard[]): string {
  const heads = cards.map((card) => `<th scope="col"><code>${escaped(card.version)}</code><small>${whole(testOf(card).payments)} payments, ${whole(testOf(card).frauds)} frauds</small></th>`); // prettier-ignore
  const rows = METRIC_NAMES.map((name) => {
    const best = bestOf(cards, name);
    const cells = cards.map((card, place) => {
      const metric = testOf(card).metrics[name];
      return `<td${place === best ? ' class="best"' : ''}>${metricText(name, metric.value, card.currency)}<small>${intervalText(name, metric, card.currency)}</small></td>`;
    });
    return `<tr><th scope="row" title="${escaped(METRICS[name].description)}">${METRICS[name].label}</th>${cells.join('')}</tr>`;
  });
  return `<div class="card scroll"><table><thead><tr><th scope="col">metric</th>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody><caption>The best of each row is bold; small figures are 95 % intervals from resampled customers. Where intervals overlap widely, bold means little.</caption></table></div>`;
}

function learnersTable(cards: readonly ModelCard[]): string {
  const rows = cards.flatMap(({ version, candidates }) =>
    candidates.map(
      (candidate) =>
        `<tr${candidate.chosen ? ' class="chosen"' : ''}><th scope="row">${escaped(candidate.name)}${candidate.chosen ? '<span class="badge">chosen</span>' : ''}</th><td><code>${escaped(version)}</code></td>${candidateCells(candidate)}</tr>`,
    ),
  );
  return `<div class="card scroll"><table><thead><tr><th scope="col">learner</th><th scope="col">model</th>${CANDIDATE_HEADS}</tr></thead><tbody>${rows.join('')}</tbody><caption>Average precision and ROC-AUC on each model’s own calibration and policy periods, by which its champion was chosen. A stack’s training time is that of its members.</caption></table></div>`;
}

type Points = readonly (readonly [number, number])[];

function overlay(
  cards: readonly ModelCard[],
  plot: Omit<Parameters<typeof figure>[0], 'marks' | 'legend'>,
  pointsOf: (card: ModelCard) => Points,
  guide: Mark,
): string {
  const shown = cards.slice(0, OVERLAID.length);
  return figure({
    ...plot,
    marks: [guide, ...shown.map((card, i) => line(OVERLAID[i]!, pointsOf(card)))],
    legend: shown.map(({ version }, i) => ({ series: OVERLAID[i]!, text: version })),
  });
}

function overlays(cards: readonly ModelCard[]): string {
  const shares = (points: CardCurves['roc']): Points => points.map(({ x, y }) => [x, y]);
  const diagonal = (from: number, to: number): Mark => line('guide', [[from, from], [to, to]]); // prettier-ignore
  const first = testOf(cards[0]!);
  const base = first.frauds / first.payments;
  const without = Math.max(...cards.map(({ curves }) => curves.loss.withoutSystem), Number.MIN_VALUE);
  const lossOf = ({ curves }: ModelCard): Points =>
    curves.cost.map(({ threshold, blocked, reviewed }) => [logOdds(threshold), Math.min(blocked, reviewed, without)]);
  return [
    overlay(cards, { title: 'Precision and recall', note: 'The dashed line is flagging at random.', x: shareAxis('frauds caught (recall)'), y: shareAxis('frauds among the flagged (precision)') }, ({ curves }) => shares(curves.precisionRecall), line('guide', [[0, base], [1, base]])),
    overlay(cards, { title: 'Receiver operating characteristic', note: 'The dashed line is chance.', x: shareAxis('genuine payments flagged (false-positive rate)'), y: shareAxis('frauds caught (recall)') }, ({ curves }) => shares(curves.roc), diagonal(0, 1)),
    overlay(cards, { title: 'Reliability', note: 'On the diagonal a stated probability is the fraud rate found.', x: probabilityAxis('stated probability'), y: probabilityAxis('fraud rate found') }, ({ curves }) => curves.reliability.after.map(({ stated, observed }) => [logOdds(stated), logOdds(observed)]), diagonal(-LOG_ODDS_RANGE, LOG_ODDS_RANGE)),
    overlay(cards, { title: 'Loss by threshold', note: 'All payments above the threshold are blocked or reviewed, whichever loses less; the dashed line is approving all.', x: probabilityAxis('threshold'), y: { label: `loss, ${cards[0]!.currency}`, from: 0, to: without * 1.08, ticks: roundTicks(0, without, 5, compact) } }, lossOf, line('guide', [[-LOG_ODDS_RANGE, without], [LOG_ODDS_RANGE, without]])),
  ].join('\n'); // prettier-ignore
}

function details(card: ModelCard): string {
  const { review, block } = testOf(card).confusion;
  const figures = [precisionRecallFigure, rocFigure, scoreFigure, costFigure, reliabilityFigure].map((draw) => draw(card)); // prettier-ignore
  return `<details><summary>${escaped(card.version)}</summary><section class="figures">${figures.join('\n')}<div>${confusionTable('review threshold', review)}<div style="height:16px"></div>${confusionTable('block threshold', block)}</div></section><div class="card scroll">${importanceFigure(card)}</div></details>`;
}

/** The whole page of one model or more; the same cards give the same bytes. `flattered` are versions measured on what they learned from. */
export function renderComparison(
  cards: readonly ModelCard[],
  samePayments: boolean,
  flattered: readonly string[] = [],
): string {
  const { payments, frauds } = testOf(cards[0]!);
  const lead = samePayments
    ? `All measured on the same ${whole(payments)} payments with ${whole(frauds)} frauds (${percent(frauds / payments)}).`
    : 'Measured on different payments: differences may be those of the payments.';
  const warning = flattered.length === 0 ? '' : ` ${flattered.join(', ')} learned from some of these payments, which flatters.`; // prettier-ignore
  const prices = hasSamePrices(cards) ? '' : ' Money is reckoned in different currencies or from different costs: it does not compare.'; // prettier-ignore
  const kept =
    cards.length > OVERLAID.length ? `<p class="note">Curves of the first ${OVERLAID.length} models.</p>` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comparison of ${cards.length} models</title><style>${STYLE}</style></head><body><main>
<header><div><h1>Comparison of models</h1><p class="lead">${lead}${prices}${escaped(warning)}</p></div></header>
<h2>Metrics</h2>${metricsTable(cards)}
<h2>Curves</h2>${kept}<section class="figures">${overlays(cards)}</section>
<h2>Learners</h2>${learnersTable(cards)}
<h2>Each model</h2>${cards.map(details).join('\n')}
</main></body></html>
`;
}
