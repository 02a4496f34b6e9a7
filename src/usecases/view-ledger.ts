/** The past as one: the latest decisions from memory, the older ones from the ledger, merged by their place. */
import { SentinelError } from '../domain/errors.ts';
import { labelInForce } from '../domain/label.ts';
import { byEventDescending, matches } from '../ledger/decision-row.ts';
import { type DecisionRow, type LabelRow } from '../ledger/queries.ts';
import { mergeSummaries, summariseEntity } from '../ledger/summaries.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { type RecentDecisions } from './recent-decisions.ts';

/**
 * What is asked of the past. A question that memory answers in full does not go to the ledger, so it is answered while
 * the ledger is still starting; the others then reject NOT_READY.
 */
export type LedgerView = Pick<LedgerStore, 'decisions' | 'entityPayments' | 'entity' | 'labels' | 'stats'>;

const switchedOff = (): Promise<never> =>
  Promise.reject(new SentinelError('NOT_READY', { reason: 'the ledger is switched off (setting ledger.enabled)' }));

/** The ledger of a service that keeps none: what memory does not hold is not to be had. */
export const NO_LEDGER: LedgerView = {
  decisions: switchedOff,
  entityPayments: switchedOff,
  entity: switchedOff,
  labels: switchedOff,
  stats: switchedOff,
};

/** `labels` in the order of their arrival, with the one in force marked anew. */
function withInForce(labels: readonly LabelRow[]): LabelRow[] {
  const standing = labels.reduce<LabelRow | undefined>(
    (current, label) => (labelInForce(current, label) === label ? label : current),
    undefined,
  );
  return labels.map((label) => ({ ...label, inForce: label === standing }));
}

/**
 * The view over `ledger` and what is recent. Current at once, except `stats`, the number of an entity's frauds and
 * the choice of older payments by label, which stand as of the ledger's position.
 */
export function createLedgerView({
  ledger,
  recent,
}: {
  readonly ledger: LedgerView;
  readonly recent: RecentDecisions;
}): LedgerView {
  /** Nothing is older than what memory holds. */
  const isAllHere = (): boolean => recent.coveredFromSeq() <= 1;

  const withLatestLabel = (row: DecisionRow): DecisionRow => {
    const label = recent.labelOf(row.transaction.transactionId);
    return label === undefined ? row : { ...row, isFraud: label.isFraud };
  };

  return {
    async decisions(query) {
      const found: DecisionRow[] = [];
      for (const row of recent.rows(query)) {
        found.push(row);
        if (found.length > query.limit) break;
      }
      let olderNext: number | undefined;
      if (found.length <= query.limit && !isAllHere()) {
        const beforeSeq = Math.min(query.beforeSeq ?? Infinity, recent.coveredFromSeq());
        const older = await ledger.decisions({ ...query, beforeSeq, limit: query.limit + 1 - found.length });
        olderNext = older.nextBeforeSeq;
        found.push(...older.rows.map(withLatestLabel).filter((row) => matches(row, query)));
      }
      const rows = found.slice(0, query.limit);
      const nextBeforeSeq = found.length > query.limit ? rows.at(-1)!.seq : olderNext;
      return nextBeforeSeq === undefined ? { rows } : { rows, nextBeforeSeq };
    },
    async entityPayments(kind, id, range) {
      const { beforeSeq, limit } = range;
      const found = recent.entityPayments(kind, id, range);
      const older = isAllHere()
        ? []
        : await ledger.entityPayments(kind, id, {
            ...range,
            beforeSeq: Math.min(beforeSeq, recent.coveredFromSeq()),
          });
      return [...found, ...older.map(withLatestLabel)].sort(byEventDescending).slice(0, limit);
    },
    async entity(kind, id) {
      const older = isAllHere() ? undefined : await ledger.entity(kind, id);
      const since = older?.lastSeq ?? 0;
      const newer = summariseEntity(kind, id, recent.entityRows(kind, id, since));
      return older === undefined || newer === undefined ? (newer ?? older) : mergeSummaries(older, newer);
    },
    async labels(transactionId) {
      const older = recent.labelsFromSeq() <= 1 ? [] : await ledger.labels(transactionId);
      const since = older.at(-1)?.seq ?? 0;
      return withInForce([...older, ...recent.labels(transactionId).filter(({ seq }) => seq > since)]);
    },
    stats: (fromMs, toMs) => ledger.stats(fromMs, toMs),
  };
}
