/** Whether published tables hold the records they should: all before them, or those that arrived before their hour. */
import { HOUR_MS } from '../domain/time.ts';
import { type FeatureEngine } from '../features/engine.ts';
import { type SlowTables } from '../features/slow-tables.ts';
import { type JournalRecord, type TablesRecord } from '../journal/record.ts';

export interface TablesCheck {
  /** To be called with each record in order, before it is folded into the engine. */
  before(record: JournalRecord): void;
  /** What differs in tables that have just come, before they are folded. */
  differenceIn(record: TablesRecord): { readonly recorded: string; readonly recomputed: string } | undefined;
}

/** Tables come after the record that made them due; by then another hour may have begun, hardly a second one. */
const HOURS_KEPT = 2;

/**
 * One instance alone publishes just before the first payment of an hour. Of several, the one that leads publishes when it
 * meets the first record of an hour, and by then others have written more, which these tables do not hold. So tables that
 * come behind a payment of their own hour can only be of the second kind.
 */
export function createTablesCheck(engine: FeatureEngine): TablesCheck {
  let hour = -1;
  let hadPayment = false;
  /** What was due before the first record of the hours since the last tables. */
  let due: SlowTables[] = [];
  const contentOf = (tables: SlowTables | TablesRecord | undefined): string | undefined =>
    tables && JSON.stringify({ version: tables.version, tables: tables.tables });

  return {
    before(record) {
      if (record.type === 'tables') return;
      const itsHour = Math.floor(record.arrivalMs / HOUR_MS);
      if (itsHour !== hour) {
        hour = itsHour;
        hadPayment = false;
        const tables = engine.tablesDue(hour * HOUR_MS);
        if (tables !== undefined) due = [...due, tables].slice(-HOURS_KEPT);
      }
      hadPayment ||= record.type === 'decision';
    },
    differenceIn(record) {
      const isAlone = !hadPayment || Math.floor(record.arrivalMs / HOUR_MS) !== hour;
      const possible = [...(isAlone ? [engine.tablesDue(record.arrivalMs)] : []), ...due].map(contentOf);
      due = [];
      const recorded = contentOf(record)!;
      if (possible.includes(recorded)) return undefined;
      return { recorded, recomputed: possible.find((content) => content !== undefined) ?? 'none due' };
    },
  };
}
