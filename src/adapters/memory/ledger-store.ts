/** The ledger in memory: the same answers as PostgreSQL, for tests and short runs. */
import { entityId } from '../../domain/entity.ts';
import { surveyFrames, takeRecords } from '../../journal/frame.ts';
import {
  type CacheHitRecord,
  type DecisionRecord,
  type JournalRecord,
  type LabelRecord,
} from '../../journal/record.ts';
import { byEventDescending, decisionRow, matches } from '../../ledger/decision-row.ts';
import { type DecisionRow } from '../../ledger/queries.ts';
import { type PlacedLabel, standingLabel } from '../../ledger/standing-label.ts';
import { summariseBreakdown, summariseEntity, summarisePeriod, summariseSeries } from '../../ledger/summaries.ts';
import { type LedgerStore, type RecordMark } from '../../ports/ledger-store.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';

interface Tables {
  readonly positions: Map<string, number>;
  readonly lastRecords: Map<string, RecordMark>;
  readonly decisions: Map<string, DecisionRecord>;
  /** By `seq`. */
  readonly repeats: Map<number, CacheHitRecord>;
  readonly labels: Map<number, LabelRecord>;
  readonly inForce: Map<string, PlacedLabel>;
}

const empty = (): Tables => ({
  positions: new Map(),
  lastRecords: new Map(),
  decisions: new Map(),
  repeats: new Map(),
  labels: new Map(),
  inForce: new Map(),
});

function write(tables: Tables, record: JournalRecord): void {
  if (record.type === 'decision' && !tables.decisions.has(record.transaction.transactionId)) {
    tables.decisions.set(record.transaction.transactionId, record);
  }
  if (record.type === 'cache_hit') tables.repeats.set(record.seq, record);
  if (record.type === 'label') {
    const { transactionId } = record.label;
    tables.labels.set(record.seq, record);
    tables.inForce.set(transactionId, standingLabel(tables.inForce.get(transactionId), record));
  }
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function within<R extends { readonly arrivalMs: number }>(rows: readonly R[], fromMs: number, toMs: number): R[] {
  return rows.filter(({ arrivalMs }) => arrivalMs >= fromMs && arrivalMs < toMs);
}

/** An empty ledger that forgets everything when closed. */
export function createMemoryLedgerStore(): LedgerStore {
  let tables = empty();
  const rows = (): DecisionRow[] =>
    [...tables.decisions.values()].map((decision) =>
      decisionRow(decision, tables.inForce.get(decision.transaction.transactionId)?.label),
    );
  return {
    position: (source) => Promise.resolve(tables.positions.get(source) ?? 0),
    lastRecord: (source) => Promise.resolve(tables.lastRecords.get(source)),
    project({ source, after, upTo, frames }) {
      const position = tables.positions.get(source) ?? 0;
      if (position >= upTo) return Promise.resolve(undefined);
      if (position !== after) {
        return Promise.reject(new Error(`Records of ${source} must follow ${position} without a gap; got ${after} on`));
      }
      for (const record of takeRecords(frames, PRIMITIVES)) write(tables, record);
      tables.positions.set(source, upTo);
      const last = frames.length === 0 ? undefined : surveyFrames(frames);
      if (last?.lastSeq === upTo) tables.lastRecords.set(source, { seq: upTo, checksum: last.lastChecksum });
      else tables.lastRecords.delete(source);
      return Promise.resolve(undefined);
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
        [...tables.labels.values()]
          .filter(({ label }) => label.transactionId === transactionId)
          .sort((a, b) => a.seq - b.seq)
          .map(({ seq, label }) => ({ ...label, seq, inForce: tables.inForce.get(transactionId)?.seq === seq })),
      ),
    search: (idPrefix, limit) =>
      Promise.resolve(
        rows()
          .filter(({ transaction }) => transaction.transactionId.startsWith(idPrefix))
          .sort((a, b) => compareBytes(a.transaction.transactionId, b.transaction.transactionId))
          .slice(0, limit),
      ),
    stats: (fromMs, toMs) =>
      Promise.resolve(
        summarisePeriod(within(rows(), fromMs, toMs), within([...tables.repeats.values()], fromMs, toMs).length),
      ),
    series: (fromMs, toMs, stepMs) => Promise.resolve(summariseSeries(within(rows(), fromMs, toMs), stepMs)),
    breakdown: (by, fromMs, toMs) => Promise.resolve(summariseBreakdown(within(rows(), fromMs, toMs), by)),
    reset() {
      tables = empty();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
