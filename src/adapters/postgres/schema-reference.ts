/** The reference page of the ledger's tables, read from a database the migrations have made. */
import { type Kysely, sql } from 'kysely';
import { RESERVED_TABLES } from './initial-schema.ts';
import { migrate } from './migrations.ts';
import { openPglite } from './open-pglite.ts';

interface StoredColumn {
  readonly relation: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly sentence: string | null;
}

interface StoredRelation {
  readonly name: string;
  readonly is_view: boolean;
  readonly sentence: string | null;
  /** `RANGE (created_at)`; null when not partitioned. */
  readonly partitioning: string | null;
  /** Definitions of its indexes and of its primary key, in the order they were made. */
  readonly indexes: readonly string[];
}

async function relations(database: Kysely<unknown>): Promise<readonly StoredRelation[]> {
  const { rows } = await sql<StoredRelation>`
    select c.relname as name, c.relkind = 'v' as is_view, obj_description(c.oid, 'pg_class') as sentence,
      pg_get_partkeydef(c.oid) as partitioning,
      array(select pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = c.oid order by i.indexrelid)
        as indexes
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
    order by c.oid`.execute(database);
  return rows;
}

async function columns(database: Kysely<unknown>): Promise<readonly StoredColumn[]> {
  const { rows } = await sql<StoredColumn>`
    select c.relname as relation, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      a.attnotnull as required, col_description(c.oid, a.attnum) as sentence
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
    order by c.oid, a.attnum`.execute(database);
  return rows;
}

/** `CREATE UNIQUE INDEX name ON public.table USING btree (a, b)` → `name: unique (a, b)`. */
function indexLine(definition: string): string {
  const [, unique, name, , method, on] = /^CREATE (UNIQUE )?INDEX (\S+) ON (.+?) USING (\w+) (.+)$/.exec(definition)!;
  return `- \`${name}\`: ${unique === undefined ? '' : 'unique '}${method === 'btree' ? '' : `${method} `}\`${on}\``;
}

function section(relation: StoredRelation, its: readonly StoredColumn[]): string {
  const { name, is_view, sentence, partitioning, indexes } = relation;
  return [
    `## ${name}`,
    '',
    ...[is_view ? 'View.' : '', sentence ?? '', partitioning === null ? '' : `Partitioned by month: ${partitioning}.`]
      .filter((text) => text !== '')
      .join(' ')
      .split('\n'),
    '',
    '| column | type | null | meaning |',
    '| --- | --- | --- | --- |',
    ...its.map(
      (column) => `| ${column.name} | ${column.type} | ${column.required ? '' : 'yes'} | ${column.sentence ?? ''} |`,
    ),
    ...(indexes.length === 0 ? [] : ['', ...indexes.map(indexLine)]),
    '',
  ].join('\n');
}

/** Markdown of `docs/reference/schema.md` for a migrated database. */
export async function describeSchema(database: Kysely<unknown>): Promise<string> {
  const all = await columns(database);
  const sections = (await relations(database)).map((relation) =>
    section(
      relation,
      all.filter((column) => column.relation === relation.name),
    ),
  );
  return [
    '# The ledger’s tables',
    '',
    'Generated from the migrations (`npm run docs`). All rows are projections of the journal; `sentinel ledger rebuild`',
    'makes them again. The same schema holds in PostgreSQL and in the embedded PGlite.',
    `Reserved, empty in this version: ${RESERVED_TABLES.map((name) => `\`${name}\``).join(', ')}.`,
    '',
    ...sections,
  ].join('\n');
}

/** The page, from an embedded database made for it; takes some seconds. */
export async function schemaReference(): Promise<string> {
  const database = await openPglite();
  try {
    await migrate(database);
    return await describeSchema(database);
  } finally {
    await database.destroy();
  }
}
