/** A small plot: axes, grid and marks as one inline SVG. */
import { escaped } from './text.ts';

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Readonly<{ at: number; text: string }>[];
}

/** Draws with the plot's scales. */
export type Mark = (x: (value: number) => number, y: (value: number) => number) => string;

export interface Plot {
  readonly title: string;
  readonly note: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
  readonly legend: readonly Readonly<{ series: Series; text: string }>[];
}

/** Each series has a colour of its own in both themes and a dash or shape of its own. */
export type Series = 'fraud' | 'genuine' | 'before' | 'accent' | 'guide';

const WIDTH = 520;
const HEIGHT = 330;
const MARGIN = { top: 10, right: 22, bottom: 46, left: 66 };

const fixed = (value: number): string => value.toFixed(1);

/** The figure of a plot: title, legend, drawing and note. */
export function figure({ title, note, x, y, marks, legend }: Plot): string {
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const scaleX = (value: number): number => MARGIN.left + ((value - x.from) / (x.to - x.from)) * (right - MARGIN.left);
  const scaleY = (value: number): number => bottom - ((value - y.from) / (y.to - y.from)) * (bottom - MARGIN.top);
  const grid = y.ticks
    .map(({ at, text }) => {
      const place = fixed(scaleY(at));
      return `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${place}" y2="${place}"/><text class="tick" x="${MARGIN.left - 8}" y="${place}" dy="0.32em" text-anchor="end">${escaped(text)}</text>`;
    })
    .join('');
  const ticks = x.ticks
    .map(({ at, text }) => {
      const place = fixed(scaleX(at));
      return `<line class="axis" x1="${place}" x2="${place}" y1="${bottom}" y2="${bottom + 4}"/><text class="tick" x="${place}" y="${bottom + 18}" text-anchor="middle">${escaped(text)}</text>`;
    })
    .join('');
  const key = legend
    .map(({ series, text }) => `<span class="key"><i class="swatch ${series}"></i>${escaped(text)}</span>`)
    .join('');
  return `<figure><figcaption><h3>${escaped(title)}</h3><div class="legend">${key}</div></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${title}: ${x.label} against ${y.label}`)}">
${grid}<line class="axis" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${ticks}
${marks.map((mark) => mark(scaleX, scaleY)).join('\n')}
<text class="label" x="${(MARGIN.left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(x.label)}</text>
<text class="label" transform="translate(13 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>
</svg><p class="note">${escaped(note)}</p></figure>`;
}

type XY = readonly [x: number, y: number];

const path = (points: readonly XY[], x: (value: number) => number, y: (value: number) => number): string =>
  points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${fixed(x(px))} ${fixed(y(py))}`).join('');

export function line(series: Series, points: readonly XY[]): Mark {
  return (x, y) => `<path class="line ${series}" d="${path(points, x, y)}"/>`;
}

/** A line with everything below it down to `base` lightly filled. */
export function area(series: Series, points: readonly XY[], base = 0): Mark {
  return (x, y) => {
    const first = points[0];
    const last = points.at(-1);
    if (first === undefined || last === undefined) return '';
    const outline = `${path(points, x, y)}L${fixed(x(last[0]))} ${fixed(y(base))}L${fixed(x(first[0]))} ${fixed(y(base))}Z`;
    return `<path class="area ${series}" d="${outline}"/><path class="line ${series}" d="${path(points, x, y)}"/>`;
  };
}

/** Dots whose tooltips say what they hold. */
export function dots(series: Series, points: readonly Readonly<{ at: XY; title: string }>[]): Mark {
  return (x, y) =>
    points
      .map(
        ({ at: [px, py], title }) =>
          `<circle class="dot ${series}" cx="${fixed(x(px))}" cy="${fixed(y(py))}" r="4"><title>${escaped(title)}</title></circle>`,
      )
      .join('');
}

/** A vertical guide with its name at the top. */
export function marker(at: number, text: string, place: 'left' | 'right'): Mark {
  return (x) => {
    const px = x(at);
    const anchor = place === 'left' ? 'end' : 'start';
    return `<line class="marker" x1="${fixed(px)}" x2="${fixed(px)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}"/><text class="marker-text" x="${fixed(px + (place === 'left' ? -5 : 5))}" y="${MARGIN.top + 10}" text-anchor="${anchor}">${escaped(text)}</text>`;
  };
}

/** Evenly spaced ticks at a round step: 1, 2 or 5 times a power of ten; about `count` of them. */
export function roundTicks(from: number, to: number, count: number, text: (value: number) => string): Axis['ticks'] {
  const rough = (to - from) / count;
  let step = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 5, 10]) {
    if (step * factor >= rough * 0.75) {
      step *= factor;
      break;
    }
  }
  const ticks: { at: number; text: string }[] = [];
  for (let i = Math.ceil(from / step); i * step <= to + step * 1e-9; i++)
    ticks.push({ at: i * step, text: text(i * step) });
  return ticks;
}
