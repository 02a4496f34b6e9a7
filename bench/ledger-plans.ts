/** What a statement reads, by the planner's own account. */
import { type CompiledQuery, type Kysely, CompiledQuery as Compiled, sql } from 'kysely';

/** Reading so many rows from end to end takes a few milliseconds; an index would not be faster. */
const LARGE_ROWS = 20_000;

/** Tables, and partitions of tables, with many rows. */
export async function largeTables(database: Kysely<unknown>): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and reltuples > ${LARGE_ROWS}`.execute(database);
  return new Set(rows.map(({ name }) => name));
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

function* nodesOf(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of node.Plans ?? []) yield* nodesOf(child);
}

/** The tables among `large` that the plan of `statement`, with its parameters, reads from end to end. */
export async function sequentialScans(
  database: Kysely<unknown>,
  statement: CompiledQuery,
  large: ReadonlySet<string>,
): Promise<readonly string[]> {
  const explain = Compiled.raw(`explain (format json) ${statement.sql}`, [...statement.parameters]);
  const { rows } = await database.executeQuery<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(explain);
  const nodes = rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => [...nodesOf(Plan)]));
  return nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '')
    .filter((name) => large.has(name));
}
