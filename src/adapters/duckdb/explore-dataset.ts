/** The data set explorer port over DuckDB: everything is counted there, rows never leave it. */
import { type DatasetMapping, type MappedColumn } from '../../datasets/mapping.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { type DatasetExplorer } from '../../ports/dataset-explorer.ts';
import { totalVariation } from '../../stats/total-variation.ts';
import { type ExplorationReport, type ExploredColumn } from '../../training/exploration/report.ts';
import { identifier, openEngine } from './engine.ts';
import { exploreColumn, type ExploredTable, numberSql, rowsOf } from './explore-columns.ts';
import { stageFiles } from './staging.ts';

/** Lengths a period of the time series may have; the shortest that gives no more than MOST_PERIODS is taken. */
const STEPS_MS = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS, 364 * DAY_MS];
const MOST_PERIODS = 120;
/** Numbers whose correlations are shown: those in which frauds differ most. */
const CORRELATED = 16;

/** Event time in epoch milliseconds, as SQL. */
function timeSql({ fields: { time }, columns }: DatasetMapping): string {
  const value = numberSql(columns.find(({ name }) => name === time.column)!);
  return 'unitMs' in time ? `(${time.originMs} + ${value} * ${time.unitMs})` : value;
}

async function timeSeries(
  { connection, table, isFraud }: ExploredTable,
  time: string,
): Promise<ExplorationReport['time']> {
  const [range] = await rowsOf(connection, `SELECT min(${time}), max(${time}) FROM ${table}`);
  const [first, last] = [Number(range![0] ?? NaN), Number(range![1] ?? NaN)];
  if (Number.isNaN(first)) return { fromMs: 0, stepMs: DAY_MS, periods: [] };
  const stepMs = STEPS_MS.find((step) => (last - first) / step < MOST_PERIODS) ?? STEPS_MS.at(-1)!;
  const fromMs = Math.floor(first / stepMs) * stepMs;
  const found = await rowsOf(
    connection,
    `SELECT CAST(floor((${time} - ${fromMs}) / ${stepMs}) AS INTEGER) AS period, count(*) FILTER (${isFraud}), count(*)
     FROM ${table} WHERE ${time} IS NOT NULL GROUP BY period`,
  );
  const byPeriod = new Map(
    found.map(([period, frauds, all]) => [Number(period), [Number(frauds), Number(all)] as const]),
  );
  const periods = Array.from({ length: Math.floor((last - fromMs) / stepMs) + 1 }, (_, i) => {
    const [frauds, all] = byPeriod.get(i) ?? [0, 0];
    return { frauds, others: all - frauds };
  });
  return { fromMs, stepMs, periods };
}

async function correlations(
  { connection, table }: ExploredTable,
  columns: readonly MappedColumn[],
): Promise<ExplorationReport['correlations']> {
  const names = columns.map(({ name }) => name);
  const pairs = columns.flatMap((a, i) =>
    columns.slice(0, i).map((b, j) => ({ i, j, sql: `corr(${numberSql(a)}, ${numberSql(b)})` })),
  );
  const values = names.map((_, i) => names.map((_, j) => (i === j ? 1 : NaN)));
  if (pairs.length === 0) return { names, values };
  const [row] = await rowsOf(connection, `SELECT ${pairs.map(({ sql }) => sql).join(', ')} FROM ${table}`);
  pairs.forEach(({ i, j }, index) => {
    const found = row![index];
    const value = typeof found === 'number' ? found : NaN;
    values[i]![j] = value;
    values[j]![i] = value;
  });
  return { names, values };
}

/** Numbers, most separating first. */
function strongest(columns: readonly ExploredColumn[], staged: readonly MappedColumn[]): readonly MappedColumn[] {
  const found = columns.flatMap(({ name, type, numbers, missing }) => {
    if (type !== 'number' || numbers?.histogram === undefined) return [];
    const bins = [...numbers.histogram.bins, missing];
    const strength = totalVariation(bins.map(({ frauds }) => frauds), bins.map(({ others }) => others)); // prettier-ignore
    return [{ name, strength: strength || 0 }];
  });
  const chosen = found.toSorted((a, b) => b.strength - a.strength).slice(0, CORRELATED);
  return chosen.map(({ name }) => staged.find((column) => column.name === name)!);
}

/** Whether the column says what became of the payment, which is nothing to be surprised by. */
function isOfLabel({ fields: { label } }: DatasetMapping, name: string): boolean {
  return [label?.column, label?.arrivalColumn, label?.campaign?.column].includes(name);
}

export function createDatasetExplorer(): DatasetExplorer {
  return {
    async explore(mapping, files, { onColumns = () => undefined } = {}) {
      const engine = await openEngine();
      try {
        const { connection, table, columns: staged, rows } = await stageFiles(engine.connection, mapping, files);
        const label = staged.find(({ name }) => name === mapping.fields.label?.column);
        const isFraud = label === undefined ? 'false' : `COALESCE(${identifier(label.name)}, false)`;
        const explored: ExploredTable = { connection, table, isFraud };
        const [totals] = await rowsOf(
          connection,
          `SELECT count(*) FILTER (${isFraud}), ${label === undefined ? 'count(*)' : `count(*) - count(${identifier(label.name)})`} FROM ${table}`,
        );
        const columns: ExploredColumn[] = [];
        const others = staged.filter(({ name }) => !isOfLabel(mapping, name));
        for (const column of others) {
          columns.push(await exploreColumn(explored, column));
          onColumns(columns.length, others.length);
        }
        const time = await timeSeries(explored, timeSql(mapping));
        const correlated = await correlations(explored, strongest(columns, staged));
        return {
          rows,
          frauds: Number(totals![0]),
          unlabelled: Number(totals![1]),
          columns,
          time,
          correlations: correlated,
        };
      } finally {
        engine.close();
      }
    },
  };
}
