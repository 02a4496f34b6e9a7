/** The six plots of the model card. */
import { type ModelCard } from './card.ts';
import { LOG_ODDS_RANGE, logOdds } from './curves.ts';
import { area, type Axis, dots, figure, line, marker, roundTicks } from './plot.ts';
import { compact, decimal, escaped, money, percent, probabilityLabel, whole } from './text.ts';

const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];
export const shareAxis = (label: string): Axis => ({
  label,
  from: 0,
  to: 1,
  ticks: SHARES.map((at) => ({ at, text: `${at * 100} %` })),
});

/** Probabilities spaced by log-odds, since nearly all of them lie below one per cent. */
export const probabilityAxis = (label: string): Axis => ({
  label,
  from: -LOG_ODDS_RANGE,
  to: LOG_ODDS_RANGE,
  ticks: [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999].map((share) => ({
    at: logOdds(share),
    text: probabilityLabel(share),
  })),
});

export function rocFigure({ curves, periods }: ModelCard): string {
  const { metrics } = periods.at(-1)!.evaluation;
  return figure({
    title: 'Receiver operating characteristic',
    note: `Area ${decimal(metrics.rocAuc.value)}; at a false-positive rate of 1 % the model catches ${percent(metrics.recallAt1.value)} of the frauds.`,
    x: shareAxis('genuine payments flagged (false-positive rate)'),
    y: shareAxis('frauds caught (recall)'),
    marks: [
      line('guide', [[0, 0], [1, 1]]), // prettier-ignore
      area('fraud', curves.roc.map(({ x, y }) => [x, y] as const)), // prettier-ignore
    ],
    legend: [
      { series: 'fraud', text: 'model' },
      { series: 'guide', text: 'chance' },
    ],
  });
}

export function precisionRecallFigure({ curves, periods }: ModelCard): string {
  const { metrics, frauds, payments } = periods.at(-1)!.evaluation;
  const base = frauds / payments;
  return figure({
    title: 'Precision and recall',
    note: `Average precision ${decimal(metrics.averagePrecision.value)}; flagging at random would give ${decimal(base)}.`,
    x: shareAxis('frauds caught (recall)'),
    y: shareAxis('frauds among the flagged (precision)'),
    marks: [
      line('guide', [[0, base], [1, base]]), // prettier-ignore
      area('fraud', curves.precisionRecall.map(({ x, y }) => [x, y] as const)), // prettier-ignore
    ],
    legend: [
      { series: 'fraud', text: 'model' },
      { series: 'guide', text: 'chance' },
    ],
  });
}

export function reliabilityFigure({ curves, calibration }: ModelCard): string {
  const ends: readonly (readonly [number, number])[] = [
    [-LOG_ODDS_RANGE, -LOG_ODDS_RANGE],
    [LOG_ODDS_RANGE, LOG_ODDS_RANGE],
  ];
  const points = (which: 'before' | 'after') =>
    curves.reliability[which].map(({ stated, observed, weight }) => ({
      at: [logOdds(stated), logOdds(observed)] as const,
      title: `stated ${percent(stated)}, found ${percent(observed)} of ${whole(weight)} payments`,
    }));
  return figure({
    title: 'Reliability',
    note: `Each dot is a twentieth of the payments; on the diagonal a stated probability is the fraud rate found. Dots at the lower edge hold no fraud. Calibration: ${calibration.method}.`,
    x: probabilityAxis('stated probability'),
    y: probabilityAxis('fraud rate found'),
    marks: [
      line('guide', ends),
      line('before', points('before').map(({ at }) => at)), // prettier-ignore
      dots('before', points('before')),
      line('fraud', points('after').map(({ at }) => at)), // prettier-ignore
      dots('fraud', points('after')),
    ],
    legend: [
      { series: 'fraud', text: 'after calibration' },
      { series: 'before', text: 'before' },
      { series: 'guide', text: 'ideal' },
    ],
  });
}

/** A histogram's outline as steps. */
function steps(edges: readonly number[], shares: readonly number[]): readonly (readonly [number, number])[] {
  return shares.flatMap((share, i) => [[edges[i]!, share] as const, [edges[i + 1]!, share] as const]);
}

function thresholdMarkers({ thresholds }: ModelCard) {
  return [
    marker(logOdds(thresholds.review), `review ${probabilityLabel(thresholds.review)}`, 'left'),
    marker(logOdds(thresholds.block), `block ${probabilityLabel(thresholds.block)}`, 'right'),
  ];
}

export function scoreFigure(card: ModelCard): string {
  const { edges, fraud, genuine } = card.curves.scores;
  const most = Math.max(...fraud, ...genuine);
  return figure({
    title: 'Scores by class',
    note: 'Share of each class in each bin; the ends hold everything beyond. What lies between the classes cannot be told apart.',
    x: probabilityAxis('calibrated probability of fraud'),
    y: { label: 'share of the class', from: 0, to: most * 1.08, ticks: roundTicks(0, most, 5, (at) => `${+(at * 100).toFixed(1)} %`) }, // prettier-ignore
    marks: [area('genuine', steps(edges, genuine)), area('fraud', steps(edges, fraud)), ...thresholdMarkers(card)],
    legend: [
      { series: 'fraud', text: 'fraud' },
      { series: 'genuine', text: 'genuine' },
    ],
  });
}

export function costFigure(card: ModelCard): string {
  const { cost, loss } = card.curves;
  const highest = Math.min(
    2 * loss.withoutSystem,
    Math.max(...cost.flatMap(({ blocked, reviewed }) => [blocked, reviewed])),
  );
  const top = Math.max(loss.withoutSystem, highest) * 1.08;
  const kept = (which: 'blocked' | 'reviewed') =>
    cost.filter((point) => point[which] <= top).map((point) => [logOdds(point.threshold), point[which]] as const);
  return figure({
    title: 'Loss by threshold',
    note: `Without the system ${money(loss.withoutSystem, card.currency)} are lost in the test period, with both thresholds ${money(loss.chosen, card.currency)}.`,
    x: probabilityAxis('threshold'),
    y: { label: `loss in the test period, ${card.currency}`, from: 0, to: top, ticks: roundTicks(0, top, 5, compact) },
    marks: [
      line('guide', [[-LOG_ODDS_RANGE, loss.withoutSystem], [LOG_ODDS_RANGE, loss.withoutSystem]]), // prettier-ignore
      line('genuine', kept('reviewed')),
      line('fraud', kept('blocked')),
      ...thresholdMarkers(card),
    ],
    legend: [
      { series: 'fraud', text: 'block all above' },
      { series: 'genuine', text: 'review all above' },
      { series: 'guide', text: 'approve all' },
    ],
  });
}

/** Features shown. */
export const SHOWN_FEATURES = 20;

export function importanceFigure({ importance }: ModelCard): string {
  const shown = importance.slice(0, SHOWN_FEATURES);
  const most = Math.max(shown[0]?.meanShap ?? 0, Number.MIN_VALUE);
  const rows = shown
    .map(
      ({ feature, meanShap, gainShare, permutationLoss = NaN }) =>
        `<tr><th scope="row"><code>${escaped(feature)}</code></th><td class="bar"><i style="width:${((100 * meanShap) / most).toFixed(1)}%"></i></td><td>${decimal(meanShap)}</td><td>${percent(gainShare)}</td><td>${decimal(permutationLoss)}</td></tr>`,
    )
    .join('');
  return `<table class="importance"><thead><tr><th scope="col">feature</th><th scope="col"></th><th scope="col" title="mean absolute Shapley value, log-odds">mean |SHAP|</th><th scope="col" title="share of the total gain">gain</th><th scope="col" title="average precision lost when its values are dealt to other test payments">shuffled</th></tr></thead><tbody>${rows}</tbody></table>`;
}
