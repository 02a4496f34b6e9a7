/** A described table as the SQL that creates it and its comments. */

/** Column name, type with constraints, and one sentence (empty when the name says it). */
export type Column = readonly [name: string, type: string, sentence: string];

export interface Table {
  readonly name: string;
  readonly sentence: string;
  readonly columns: readonly Column[];
  /** Table constraints, such as a primary key over several columns. */
  readonly constraints?: readonly string[];
  /** Partitioned by month on this column. */
  readonly monthlyBy?: string;
  /** Columns of each index, with a predicate where it has one: `(user_id, "timestamp")`. */
  readonly indexes?: Readonly<Record<string, string>>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The statements that create `table`, its indexes and its comments. */
export function tableSql(table: Table): string[] {
  const lines = [...table.columns.map(([name, type]) => `"${name}" ${type}`), ...(table.constraints ?? [])];
  const partitioning = table.monthlyBy === undefined ? '' : ` partition by range ("${table.monthlyBy}")`;
  return [
    `create table ${table.name} (\n  ${lines.join(',\n  ')}\n)${partitioning}`,
    ...Object.entries(table.indexes ?? {}).map(([name, on]) => `create index ${name} on ${table.name} ${on}`),
    `comment on table ${table.name} is ${quoted(table.sentence)}`,
    ...table.columns
      .filter(([, , sentence]) => sentence !== '')
      .map(([name, , sentence]) => `comment on column ${table.name}."${name}" is ${quoted(sentence)}`),
  ];
}
