/** An exploration as one HTML page that needs nothing else: no script, no network. */
import { formatRfc3339 } from '../../domain/time.ts';
import { STYLE } from '../model-card/style.ts';
import { escaped, percent, whole } from '../model-card/text.ts';
import { distributionFigure, fraudRateFigure, paymentsFigure } from './figures.ts';
import { type ExplorationReport, type ExploredColumn, mostSeparating } from './report.ts';
import { categoryTable, columnsTable, correlationsTable } from './tables.ts';

export interface ExploredData {
  readonly mapping: string;
  readonly files: readonly string[];
}

/** Distributions and categories drawn each: those in which frauds differ most. */
const SHOWN = 24;

/** Names of values are ids more often than words: they need the room. */
const VALUES_STYLE = '.values .bar { width: 34%; min-width: 60px; } .values th[scope=row] { min-width: 12ch; }';

function tile(name: string, value: string, detail: string): string {
  return `<div class="card tile"><span>${name}</span><b>${value}</b><small>${escaped(detail)}</small></div>`;
}

function tiles({ rows, frauds, unlabelled, columns, time }: ExplorationReport): string {
  const cells = rows * columns.length;
  const empty = columns.reduce((sum, { missing }) => sum + missing.frauds + missing.others, 0);
  const toMs = time.fromMs + time.stepMs * time.periods.length;
  const days = time.periods.length === 0 ? 'no times' : `${formatRfc3339(time.fromMs).slice(0, 10)} to ${formatRfc3339(toMs).slice(0, 10)}`; // prettier-ignore
  return [
    tile('payments', whole(rows), days),
    tile('frauds', whole(frauds), unlabelled === rows ? 'no labels' : `${percent(rows === 0 ? NaN : frauds / rows)} of all payments`), // prettier-ignore
    tile('columns', whole(columns.length), 'of those that the mapping reads'),
    tile('empty cells', percent(cells === 0 ? NaN : empty / cells), `${whole(unlabelled)} payments without a label`),
  ].join('');
}

function section(title: string, lead: string, drawn: readonly string[], among: number): string {
  if (drawn.length === 0) return '';
  const which = drawn.length < among ? ` The ${drawn.length} of ${among} in which frauds differ most.` : '';
  return `<h2>${title}</h2><p class="lead">${escaped(lead + which)}</p><section class="figures">${drawn.join('\n')}</section>`;
}

function distributions(columns: readonly ExploredColumn[]): string {
  const drawable = columns.filter(({ numbers }) => numbers?.histogram !== undefined);
  const drawn = mostSeparating(drawable).slice(0, SHOWN).map(distributionFigure);
  return section('Numbers', 'How each falls for frauds and for all others.', drawn, drawable.length);
}

function categories(columns: readonly ExploredColumn[]): string {
  const drawable = columns.filter(({ values = [] }) => values.length > 1);
  const drawn = mostSeparating(drawable).slice(0, SHOWN).map(categoryTable);
  return section('Categories', 'Fraud rate of each value.', drawn, drawable.length);
}

/** The whole page; the same report gives the same bytes. */
export function renderExploration(report: ExplorationReport, { mapping, files }: ExploredData): string {
  const { columns, correlations } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Exploration of ${escaped(mapping)}</title><style>${STYLE}${VALUES_STYLE}</style></head><body><main>
<header><div><h1>What is in the data</h1><p class="lead">Data set <code>${escaped(mapping)}</code>, rows as they stand in ${files.map((file) => `<code>${escaped(file)}</code>`).join(', ')}, before cleaning</p></div></header>
<section class="tiles">${tiles(report)}</section>
<h2>Over time</h2><section class="figures">${paymentsFigure(report)}${fraudRateFigure(report)}</section>
${categories(columns)}
${distributions(columns)}
${correlations.names.length < 2 ? '' : `<h2>Correlations</h2>${correlationsTable(report)}`}
<h2>All columns</h2>${columnsTable(report)}
</main></body></html>
`;
}
