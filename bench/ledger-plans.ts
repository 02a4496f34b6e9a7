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
  /** Of the node and all below it. */
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

function* nodesOf(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of node.Plans ?? []) yield* nodesOf(child);
}

export interface PlanReading {
  /** Large tables read from end to end. */
  readonly sequentialScans: readonly string[];
  /** Pages of 8 KiB visited, in memory or not: what a question costs whatever the machine. */
  readonly pages: number;
}

/** Runs `statement` with its parameters once more and tells what it read; `large` are the tables worth telling of. */
export async function readPlan(
  database: Kysely<unknown>,
  statement: CompiledQuery,
  large: ReadonlySet<string>,
): Promise<PlanReading> {
  const explain = Compiled.raw(`explain (analyze, buffers, timing off, format json) ${statement.sql}`, [
    ...statement.parameters,
  ]);
  const { rows } = await database.executeQuery<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(explain);
  const roots = rows.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => Plan));
  return {
    sequentialScans: roots
      .flatMap((root) => [...nodesOf(root)])
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name'] ?? '')
      .filter((name) => large.has(name)),
    pages: roots.reduce((sum, root) => sum + root['Shared Hit Blocks'] + root['Shared Read Blocks'], 0),
  };
}
