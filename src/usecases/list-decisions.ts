/** Decisions, newest first, and whether the list has them all. */
import { type DecisionPage, type DecisionQuery } from '../ledger/queries.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';

export interface ListedDecisions extends DecisionPage {
  /** False while the ledger catches up: decisions that are no longer in memory may be missing. */
  readonly complete: boolean;
}

export type ListDecisions = (query: DecisionQuery) => Promise<ListedDecisions>;

export function createListDecisions(deps: {
  readonly ledger: Pick<LedgerStore, 'decisions'>;
  /** False while payments are neither in memory nor in the ledger yet. */
  readonly isPastWhole: () => boolean;
}): ListDecisions {
  return async (query) => {
    const complete = deps.isPastWhole(); // before, since what is missing then may come while the question is answered
    return { ...(await deps.ledger.decisions(query)), complete };
  };
}
