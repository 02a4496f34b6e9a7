/** A study as one HTML page: the course of the search, where good values lie, and the best trials. */
import { type Axis, dots, figure, line, roundTicks } from '../model-card/plot.ts';
import { STYLE } from '../model-card/style.ts';
import { decimal, escaped, whole } from '../model-card/text.ts';
import { type Dimension, type Settings, type Space, unitOf } from './space.ts';
import { type Trial, valueOf } from './study.ts';

export interface StudyFacts {
  readonly learner: string;
  readonly data: string;
  readonly validation: string;
  readonly pruning: string;
  readonly seed: number;
  readonly space: Space;
}

const BEST_SHOWN = 10;

/** Range of the values drawn, with a little air. */
function valueAxis(trials: readonly Trial[]): Axis {
  const values = trials.map(valueOf).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = Math.max(1e-3, (high - low) * 0.06);
  const [from, to] = [low - air, high + air];
  return { label: 'average precision', from, to, ticks: roundTicks(from, to, 5, (at) => `${+at.toFixed(4)}`) };
}

const pointOf = (x: number, trial: Trial) => ({
  at: [x, valueOf(trial)] as const,
  title: `trial ${trial.number}: ${decimal(valueOf(trial), 4)}${trial.state === 'pruned' ? ', left early' : ''}; ${settingsText(trial.settings)}`,
});

/** Every trial by its number, and the best so far. */
function historyFigure(trials: readonly Trial[]): string {
  const drawn = trials.filter((trial) => Number.isFinite(valueOf(trial)));
  const complete = drawn.filter(({ state }) => state === 'complete');
  let best = -Infinity;
  const course = complete.map((trial) => [trial.number, (best = Math.max(best, valueOf(trial)))] as const);
  const last = Math.max(1, drawn.at(-1)?.number ?? 1);
  return figure({
    title: 'History',
    note: `${whole(complete.length)} trials ended, ${whole(drawn.length - complete.length)} were left early: their value is of the folds they saw.`,
    x: { label: 'trial', from: 0, to: last, ticks: roundTicks(0, last, 6, (at) => `${at}`) },
    y: valueAxis(drawn),
    marks: [
      dots(
        'before',
        drawn.filter(({ state }) => state !== 'complete').map((trial) => pointOf(trial.number, trial)),
      ),
      dots('fraud', complete.map((trial) => pointOf(trial.number, trial))), // prettier-ignore
      line('genuine', course),
    ],
    legend: [
      { series: 'fraud', text: 'ended' },
      { series: 'before', text: 'left early' },
      { series: 'genuine', text: 'best so far' },
    ],
  });
}

/** The value of every trial that ended by one of its settings. */
function dimensionFigure(name: string, dimension: Dimension, trials: readonly Trial[]): string {
  const drawn = trials.filter(({ state }) => state === 'complete');
  return figure({
    title: name,
    note: dimension.kind !== 'choice' && dimension.isLogarithmic ? 'Spaced by order of magnitude.' : 'Spaced evenly.',
    x: dimensionAxis(name, dimension),
    y: valueAxis(drawn),
    marks: [dots('fraud', drawn.map((trial) => pointOf(placeOf(dimension, trial.settings[name]!), trial)))], // prettier-ignore
    legend: [{ series: 'fraud', text: 'ended' }],
  });
}

const placeOf = (dimension: Dimension, value: number): number =>
  dimension.kind === 'choice' ? dimension.values.indexOf(value) : unitOf(dimension, value);

function dimensionAxis(label: string, dimension: Dimension): Axis {
  if (dimension.kind === 'choice') {
    const ticks = dimension.values.map((value, at) => ({ at, text: `${value}` }));
    return { label, from: -0.5, to: dimension.values.length - 0.5, ticks };
  }
  const { from, to } = dimension;
  const values = dimension.isLogarithmic ? magnitudes(from, to) : roundTicks(from, to, 5, String).map(({ at }) => at);
  return { label, from: 0, to: 1, ticks: values.map((at) => ({ at: unitOf(dimension, at), text: `${+at.toPrecision(3)}` })) }; // prettier-ignore
}

/** Ends and powers of ten between. */
function magnitudes(from: number, to: number): number[] {
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(from)); 10 ** power < to; power++) powers.push(10 ** power);
  return [...new Set([from, ...powers.filter((power) => power > 1.5 * from && power < to / 1.5), to])];
}

const settingsText = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${+value.toPrecision(4)}`)
    .join(', ');

function bestTable(trials: readonly Trial[], names: readonly string[]): string {
  const best = trials
    .filter(({ state }) => state === 'complete')
    .toSorted((a, b) => valueOf(b) - valueOf(a) || a.number - b.number)
    .slice(0, BEST_SHOWN);
  const rows = best
    .map(
      (trial, place) =>
        `<tr${place === 0 ? ' class="chosen"' : ''}><th scope="row">${trial.number}</th><td>${decimal(valueOf(trial), 4)}</td>${names.map((name) => `<td>${+trial.settings[name]!.toPrecision(4)}</td>`).join('')}<td>${decimal(trial.seconds, 1)} s</td></tr>`,
    )
    .join('');
  return `<div class="card scroll"><table><thead><tr><th scope="col">trial</th><th scope="col">average precision</th>${names.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')}<th scope="col">time</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The whole page; the same study gives the same bytes. */
export function renderStudy(facts: StudyFacts, trials: readonly Trial[]): string {
  const names = Object.keys(facts.space);
  const hasEnded = trials.some(({ state }) => state === 'complete');
  const figures = hasEnded
    ? [historyFigure(trials), ...names.map((name) => dimensionFigure(name, facts.space[name]!, trials))].join('\n')
    : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tuning of ${escaped(facts.learner)}</title><style>${STYLE}</style></head><body><main>
<header><div><h1>Tuning of ${escaped(facts.learner)}</h1><p class="lead">${whole(trials.length)} trials on ${escaped(facts.data)}; ${escaped(facts.validation)}; pruning: ${escaped(facts.pruning)}; seed ${whole(facts.seed)}.</p></div></header>
<h2>Best trials</h2>${bestTable(trials, names)}
<h2>Course and settings</h2><section class="figures">${figures}</section>
</main></body></html>
`;
}
