/** The ledger in memory: the same answers as PostgreSQL, for tests and short runs. */
import { entityId } from '../../domain/entity.ts';
import { type Label, labelInForce } from '../../domain/label.ts';
import { takeRecords } from '../../journal/frame.ts';
import {
  type CacheHitRecord,
  type DecisionRecord,
  type JournalRecord,
  type LabelRecord,
} from '../../journal/record.ts';
import { byEventDescending, decisionRow, matches } from '../../ledger/decision-row.ts';
import { type DecisionRow } from '../../ledger/queries.ts';
import { summariseEntity, summarisePeriod } from '../../ledger/summaries.ts';
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';

interface Tables {
  position: number;
  readonly decisions: Map<string, DecisionRecord>;
  readonly repeats: CacheHitRecord[];
  readonly labels: LabelRecord[];
  readonly inForce: Map<string, Label>;
}

const empty = (): Tables => ({ position: 0, decisions: new Map(), repeats: [], labels: [], inForce: new Map() });

function write(tables: Tables, record: JournalRecord): void {
  if (record.type === 'decision' && !tables.decisions.has(record.transaction.transactionId)) {
    tables.decisions.set(record.transaction.transactionId, record);
  }
  if (record.type === 'cache_hit') tables.repeats.push(record);
  if (record.type === 'label') {
    const { label } = record;
    tables.labels.push(record);
    tables.inForce.set(label.transactionId, labelInForce(tables.inForce.get(label.transactionId), label));
  }
  tables.position = record.seq;
}

/** An empty ledger that forgets everything when closed. */
export function createMemoryLedgerStore(): LedgerStore {
  let tables = empty();
  const rows = (): DecisionRow[] =>
    [...tables.decisions.values()].map((decision) =>
      decisionRow(decision, tables.inForce.get(decision.transaction.transactionId)),
    );
  return {
    position: () => Promise.resolve(tables.position),
    project(frames) {
      const fresh = takeRecords(frames, PRIMITIVES, tables.position);
      const last = fresh.at(-1);
      if (last !== undefined && last.seq - tables.position !== fresh.length) {
        return Promise.reject(new Error(`Records to project must follow ${tables.position} without a gap`));
      }
      for (const record of fresh) write(tables, record);
      return Promise.resolve();
    },
    decisions(query) {
      const found = rows()
        .filter((row) => matches(row, query))
        .sort((a, b) => b.seq - a.seq);
      const page = found.slice(0, query.limit);
      return Promise.resolve(
        found.length <= query.limit ? { rows: page } : { rows: page, nextBeforeSeq: page.at(-1)!.seq },
      );
    },
    entityPayments(kind, id, { fromMs, toMs, beforeSeq, limit }) {
      const found = rows().filter(
        ({ seq, transaction }) =>
          entityId(transaction, kind) === id &&
          seq < beforeSeq &&
          transaction.eventTimeMs > fromMs &&
          transaction.eventTimeMs <= toMs,
      );
      return Promise.resolve(found.sort(byEventDescending).slice(0, limit));
    },
    entity: (kind, id) =>
      Promise.resolve(
        summariseEntity(
          kind,
          id,
          rows().filter(({ transaction }) => entityId(transaction, kind) === id),
        ),
      ),
    labels: (transactionId) =>
      Promise.resolve(
        tables.labels
          .filter(({ label }) => label.transactionId === transactionId)
          .map(({ seq, label }) => ({ ...label, seq, inForce: tables.inForce.get(transactionId) === label })),
      ),
    stats(fromMs, toMs) {
      const within = ({ arrivalMs }: { readonly arrivalMs: number }): boolean =>
        arrivalMs >= fromMs && arrivalMs < toMs;
      return Promise.resolve(summarisePeriod(rows().filter(within), tables.repeats.filter(within).length));
    },
    reset() {
      tables = empty();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
