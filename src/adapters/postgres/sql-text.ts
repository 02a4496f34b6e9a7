/** Times between PostgreSQL and epoch milliseconds. */
import { type RawBuilder, sql } from 'kysely';

/** A timestamptz column as epoch milliseconds. */
export function epochMs(column: string): RawBuilder<number> {
  return sql.raw(`round(extract(epoch from ${column}) * 1000)::float8`);
}

/** Epoch milliseconds as a timestamptz. */
export function timestamptz(ms: number): RawBuilder<unknown> {
  return sql`to_timestamp(${ms}::float8 / 1000)`;
}
