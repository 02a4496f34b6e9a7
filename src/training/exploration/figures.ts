/** The plots of an exploration: how a column falls for frauds and for others, and how both go with time. */
import { DAY_MS, formatRfc3339, HOUR_MS, spanText } from '../../domain/time.ts';
import { area, type Axis, figure, line, roundTicks } from '../model-card/plot.ts';
import { compact, decimal, percent } from '../model-card/text.ts';
import { type ExplorationReport, type ExploredColumn, type Histogram, separation } from './report.ts';

type Step = readonly [x: number, y: number];

const CLASSES = [
  { series: 'fraud', text: 'fraud' },
  { series: 'genuine', text: 'all others' },
] as const;

/** The outline of bins as steps. */
function steps(edges: readonly number[], heights: readonly number[]): readonly Step[] {
  return heights.flatMap((height, i): Step[] => [[edges[i]!, height], [edges[i + 1]!, height]]); // prettier-ignore
}

const shareText = (share: number): string => `${+(share * 100).toFixed(1)} %`;

/** Ticks about this many. */
const TICKS = 5;

function shareAxis(label: string, most: number): Axis {
  const to = most > 0 ? most * 1.08 : 1;
  return { label, from: 0, to, ticks: roundTicks(0, to, TICKS, shareText) };
}

/** A moment as a day, and as a time too when less than a few days are shown. */
function momentText(ms: number, spanMs: number): string {
  const text = formatRfc3339(ms);
  return spanMs < TICKS * DAY_MS ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(0, 10);
}

function evenTicks(from: number, to: number, text: (value: number) => string): Axis['ticks'] {
  return Array.from({ length: TICKS }, (_, i) => from + ((i + 0.5) * (to - from)) / TICKS).map((at) => ({ at, text: text(at) })); // prettier-ignore
}

function valueAxis({ name, type }: ExploredColumn, { edges, isLogarithmic }: Histogram): Axis {
  const [first, last] = [edges[0]!, edges.at(-1)!];
  if (type === 'timestamp') {
    return { label: name, from: first, to: last, ticks: evenTicks(first, last, (at) => momentText(at, last - first)) };
  }
  if (!isLogarithmic) return { label: name, from: first, to: last, ticks: roundTicks(first, last, TICKS, compact) };
  const [from, to] = [Math.log10(first), Math.log10(last)];
  return { label: `${name}, logarithmic`, from, to, ticks: evenTicks(from, to, (at) => compact(10 ** at)) };
}

/** How a number falls for frauds and for others; empty when all its values are equal. */
export function distributionFigure(column: ExploredColumn): string {
  const histogram = column.numbers?.histogram;
  if (histogram === undefined) return '';
  const { bins, isLogarithmic } = histogram;
  const edges = isLogarithmic ? histogram.edges.map(Math.log10) : histogram.edges;
  const shares = (of: 'frauds' | 'others'): readonly number[] => {
    const total = bins.reduce((sum, bin) => sum + bin[of], 0);
    return bins.map((bin) => (total === 0 ? 0 : bin[of] / total));
  };
  const [frauds, others] = [shares('frauds'), shares('others')];
  return figure({
    title: column.name,
    note: `Separation ${decimal(separation(column))}. Share of each class in each bin; the ends hold everything beyond.`,
    x: valueAxis(column, histogram),
    y: shareAxis('share of the class', Math.max(...frauds, ...others)),
    marks: [area('genuine', steps(edges, others)), area('fraud', steps(edges, frauds))],
    legend: CLASSES,
  });
}

function timeAxis({ fromMs, stepMs, periods }: ExplorationReport['time']): Axis {
  const to = fromMs + stepMs * Math.max(1, periods.length);
  return { label: 'time (UTC)', from: fromMs, to, ticks: evenTicks(fromMs, to, (at) => momentText(at, to - fromMs)) };
}

/** What the length of a period is called. */
const periodText = (stepMs: number): string =>
  stepMs === DAY_MS ? 'day' : stepMs === HOUR_MS ? 'hour' : spanText(stepMs);

export function paymentsFigure({ time }: ExplorationReport): string {
  const heights = time.periods.map(({ frauds, others }) => frauds + others);
  const to = Math.max(1, ...heights) * 1.08;
  return figure({
    title: 'Payments over time',
    note: `Payments in each ${periodText(time.stepMs)}; the first and last may be cut short.`,
    x: timeAxis(time),
    y: { label: `payments a ${periodText(time.stepMs)}`, from: 0, to, ticks: roundTicks(0, to, TICKS, compact) },
    marks: [area('genuine', steps(edgesOf(time), heights))],
    legend: [],
  });
}

export function fraudRateFigure({ time, rows, frauds }: ExplorationReport): string {
  const rates = time.periods.map((period) => period.frauds / Math.max(1, period.frauds + period.others));
  const axis = timeAxis(time);
  const overall = rows === 0 ? 0 : frauds / rows;
  return figure({
    title: 'Fraud rate over time',
    note: `Frauds among the payments of each ${periodText(time.stepMs)}; over all time ${percent(overall)}.`,
    x: axis,
    y: shareAxis('fraud rate', Math.max(overall, ...rates)),
    marks: [line('guide', [[axis.from, overall], [axis.to, overall]]), area('fraud', steps(edgesOf(time), rates))], // prettier-ignore
    legend: [
      { series: 'fraud', text: `each ${periodText(time.stepMs)}` },
      { series: 'guide', text: 'all time' },
    ],
  });
}

const edgesOf = ({ fromMs, stepMs, periods }: ExplorationReport['time']): readonly number[] =>
  Array.from({ length: periods.length + 1 }, (_, i) => fromMs + i * stepMs);
