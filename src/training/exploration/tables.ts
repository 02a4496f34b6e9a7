/** The tables of an exploration: every column, the values of a category, correlations. */
import { formatRfc3339 } from '../../domain/time.ts';
import { compact, decimal, escaped, percent, whole } from '../model-card/text.ts';
import { type Counts, type ExplorationReport, type ExploredColumn, separation } from './report.ts';

const head = (cells: readonly string[]): string =>
  `<thead><tr>${cells.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>`;

const row = (name: string, cells: readonly string[]): string =>
  `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

/** Rows of a table that scrolls on its own; focusable, so that a keyboard scrolls it too. */
function scrolling(label: string, columns: readonly string[], rows: readonly string[], caption: string): string {
  return `<div class="card scroll" tabindex="0" role="region" aria-label="${escaped(label)}"><table>${head(columns)}<tbody>${rows.join('')}</tbody><caption>${escaped(caption)}</caption></table></div>`;
}

const sum = ({ frauds, others }: Counts): number => frauds + others;
const rate = (counts: Counts): string => percent(sum(counts) === 0 ? NaN : counts.frauds / sum(counts));

function valueText(column: ExploredColumn, value: number | undefined): string {
  if (value === undefined) return '–';
  return column.type === 'timestamp' ? formatRfc3339(value).slice(0, 16).replace('T', ' ') : compact(value);
}

/** Every column with its type, gaps, range, and how far frauds differ in it. */
export function columnsTable({ columns, rows }: ExplorationReport): string {
  const lines = columns.map((column) => {
    const { numbers, missing } = column;
    return row(`<code>${escaped(column.name)}</code>`, [
      column.type,
      percent(rows === 0 ? NaN : sum(missing) / rows),
      rate(missing),
      whole(column.distinct),
      valueText(column, numbers?.minimum),
      valueText(column, numbers?.median),
      column.type === 'timestamp' ? '–' : decimal(numbers?.mean ?? NaN),
      valueText(column, numbers?.maximum),
      decimal(separation(column)),
    ]);
  });
  return scrolling(
    'All columns',
    ['column', 'type', 'missing', 'fraud rate where missing', 'distinct, about', 'least', 'median, about', 'mean', 'most', 'separation'], // prettier-ignore
    lines,
    'Separation: what share of the frauds would have to take another value, or go missing, to look like the rest; 0 tells nothing, 1 everything.',
  );
}

/** Payments and fraud rate of each value of a text or boolean. */
export function categoryTable(column: ExploredColumn): string {
  const values = column.values ?? [];
  const shown = [...values.map((counts) => ({ ...counts, text: counts.value ?? 'all others' })), ...(sum(column.missing) > 0 ? [{ ...column.missing, text: 'missing' }] : [])]; // prettier-ignore
  const most = Math.max(Number.MIN_VALUE, ...shown.map((counts) => counts.frauds / Math.max(1, sum(counts))));
  const lines = shown.map((counts) => {
    const share = counts.frauds / Math.max(1, sum(counts));
    const bar = `<i style="width:${((100 * share) / most).toFixed(1)}%"></i>`;
    return `<tr><th scope="row">${escaped(counts.text)}</th><td class="bar">${bar}</td><td>${rate(counts)}</td><td>${whole(sum(counts))}</td></tr>`;
  });
  return `<figure><figcaption><h3>${escaped(column.name)}</h3></figcaption><table class="importance values">${head(['value', '', 'fraud rate', 'payments'])}<tbody>${lines.join('')}</tbody></table><p class="note">Separation ${decimal(separation(column))}; ${whole(column.distinct)} values, about.</p></figure>`;
}

/** How strongly a correlation is tinted, per cent. */
const STRONGEST_TINT = 55;

function correlationCell(value: number): string {
  if (!Number.isFinite(value)) return '<td>–</td>';
  const colour = value < 0 ? '--genuine' : '--fraud';
  const tint = Math.round(Math.abs(value) * STRONGEST_TINT);
  return `<td style="background:color-mix(in srgb, var(${colour}) ${tint}%, transparent)">${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}</td>`;
}

/** Correlations of the numbers in which frauds differ most. */
export function correlationsTable({ correlations: { names, values } }: ExplorationReport): string {
  const lines = names.map(
    (name, i) =>
      `<tr><th scope="row"><code>${escaped(name)}</code></th>${values[i]!.map(correlationCell).join('')}</tr>`,
  );
  return scrolling(
    'Correlations',
    ['', ...names.map((name) => `<code>${escaped(name)}</code>`)],
    lines,
    'Pearson’s correlation over the payments that have both numbers.',
  );
}
