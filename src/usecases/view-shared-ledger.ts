/** The past where several instances write it: the ledger for all of them, with what this one has just answered. */
import { byEventDescending } from '../ledger/decision-row.ts';
import { type DecisionRow } from '../ledger/queries.ts';
import { type RecentDecisions } from './recent-decisions.ts';
import { createLedgerView, type LedgerView } from './view-ledger.ts';

/** Rows of both, each once; what the ledger holds of one is as good. */
function united(rows: readonly DecisionRow[], recent: Iterable<DecisionRow>): DecisionRow[] {
  const known = new Set(rows.map(({ seq }) => seq));
  return [...rows, ...[...recent].filter(({ seq }) => !known.has(seq))];
}

/**
 * The view over `ledger` and what this instance answered, `recent`. What other instances answered is there as soon as it is
 * projected; `stats` stand as of the ledger's position.
 */
export function createSharedLedgerView(deps: {
  readonly ledger: LedgerView;
  readonly recent: RecentDecisions;
}): LedgerView {
  const { ledger, recent } = deps;
  return {
    ...createLedgerView(deps), // labels and entities come after what the ledger knows of them
    async decisions(query) {
      const page = await ledger.decisions(query);
      const lastSeq = page.nextBeforeSeq === undefined ? 0 : (page.rows.at(-1)?.seq ?? 0);
      const own = [...recent.rows(query)].filter(({ seq }) => seq > lastSeq);
      const all = united(page.rows, own).sort((a, b) => b.seq - a.seq);
      if (all.length <= query.limit) return { ...page, rows: all };
      const rows = all.slice(0, query.limit);
      return { rows, nextBeforeSeq: rows.at(-1)!.seq };
    },
    async entityPayments(kind, id, range) {
      const own = recent.entityPayments(kind, id, range);
      return united(await ledger.entityPayments(kind, id, range), own)
        .sort(byEventDescending)
        .slice(0, range.limit);
    },
  };
}
