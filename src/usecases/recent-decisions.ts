/** The latest committed decisions and labels, in memory: what the ledger may not hold yet. */
import { ENTITY_KINDS, type EntityKind, entityId } from '../domain/entity.ts';
import { type Label, labelInForce } from '../domain/label.ts';
import { type DecisionRecord, type JournalRecord, type LabelRecord } from '../journal/record.ts';
import { decisionRow } from '../ledger/decision-row.ts';
import { type DecisionRow, type LabelRow } from '../ledger/queries.ts';

export interface RecentDecisions {
  /** Takes committed records in order; older ones than already taken are ignored. */
  add(records: readonly JournalRecord[]): void;
  /** Every decision with this seq or a later one is here. */
  coveredFromSeq(): number;
  /** Every label with this seq or a later one is here. */
  labelsFromSeq(): number;
  /** `seq` of the newest record taken; one less than `coveredFromSeq` when there is none. */
  lastSeq(): number;
  /** Newest first, as they are asked for. */
  rows(): Iterable<DecisionRow>;
  /** Those that name the entity, newest first. */
  entityRows(kind: EntityKind, id: string): readonly DecisionRow[];
  /** The row of one payment; undefined when it is not among the latest. */
  find(transactionId: string): DecisionRow | undefined;
  /** Labels of one payment that are still here, oldest first; `inForce` among all labels known. */
  labels(transactionId: string): readonly LabelRow[];
  /** The label in force, when a label of the payment is still here. */
  labelOf(transactionId: string): Label | undefined;
}

interface Index<T> {
  add(key: string, value: T): void;
  dropOldest(key: string): void;
  get(key: string): readonly T[];
}

/** Adds to and takes from lists by key, each oldest first; a list that empties goes. */
function createIndex<T>(): Index<T> {
  const lists = new Map<string, T[]>();
  return {
    add(key, value) {
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [value]);
      else list.push(value);
    },
    dropOldest(key) {
      const list = lists.get(key);
      list?.shift();
      if (list?.length === 0) lists.delete(key);
    },
    get: (key) => lists.get(key) ?? [],
  };
}

export interface RecentDecisionsOptions {
  /** How many decisions are kept, and how many labels. */
  readonly capacity: number;
  /** `seq` of the first record that will be added. */
  readonly fromSeq: number;
  /** The label in force of a payment by what is known outside: it may have arrived before its payment. */
  readonly labelInForce: (transactionId: string) => Label | undefined;
}

/** Nothing at first; adding a decision costs some microseconds, all of them in its five entity lists. */
export function createRecentDecisions(options: RecentDecisionsOptions): RecentDecisions {
  const { capacity, fromSeq } = options;
  const ring = new Array<DecisionRecord | undefined>(capacity).fill(undefined);
  const labelRing = new Array<LabelRecord | undefined>(capacity).fill(undefined);
  const byEntity: Readonly<Record<EntityKind, Index<DecisionRecord>>> = {
    user: createIndex(),
    card: createIndex(),
    device: createIndex(),
    ip: createIndex(),
    merchant: createIndex(),
  };
  const byId = new Map<string, DecisionRecord>();
  const labelsById = createIndex<LabelRecord>();
  const inForce = new Map<string, Label>();
  let decisions = 0;
  let labels = 0;
  let covered = fromSeq;
  let labelsFrom = fromSeq;
  let last = fromSeq - 1;

  function forget({ seq, transaction }: DecisionRecord): void {
    for (const kind of ENTITY_KINDS) {
      const id = entityId(transaction, kind);
      if (id !== undefined) byEntity[kind].dropOldest(id);
    }
    byId.delete(transaction.transactionId);
    forgetLabel(transaction.transactionId);
    covered = seq + 1;
  }

  /** A label in force stays as long as its payment or any of its labels is here. */
  function forgetLabel(transactionId: string): void {
    if (!byId.has(transactionId) && labelsById.get(transactionId).length === 0) inForce.delete(transactionId);
  }

  function addDecision(decision: DecisionRecord): void {
    const place = decisions++ % capacity;
    const oldest = ring[place];
    if (oldest !== undefined) forget(oldest);
    ring[place] = decision;
    for (const kind of ENTITY_KINDS) {
      const id = entityId(decision.transaction, kind);
      if (id !== undefined) byEntity[kind].add(id, decision);
    }
    const { transactionId } = decision.transaction;
    byId.set(transactionId, decision);
    const label = inForce.get(transactionId) ?? options.labelInForce(transactionId);
    if (label !== undefined) inForce.set(transactionId, label);
  }

  function addLabel(record: LabelRecord): void {
    const place = labels++ % capacity;
    const oldest = labelRing[place];
    if (oldest !== undefined) {
      labelsById.dropOldest(oldest.label.transactionId);
      labelsFrom = oldest.seq + 1;
      forgetLabel(oldest.label.transactionId);
    }
    labelRing[place] = record;
    const { transactionId } = record.label;
    labelsById.add(transactionId, record);
    inForce.set(transactionId, labelInForce(inForce.get(transactionId) ?? record.previous, record.label));
  }

  const rowOf = (decision: DecisionRecord): DecisionRow =>
    decisionRow(decision, inForce.get(decision.transaction.transactionId));

  return {
    add(records) {
      for (const record of records) {
        if (record.seq <= last) continue;
        if (record.type === 'decision') addDecision(record);
        else if (record.type === 'label') addLabel(record);
        last = record.seq;
      }
    },
    coveredFromSeq: () => covered,
    labelsFromSeq: () => labelsFrom,
    lastSeq: () => last,
    *rows() {
      for (let index = decisions - 1; index >= Math.max(0, decisions - capacity); index--) {
        yield rowOf(ring[index % capacity]!);
      }
    },
    entityRows: (kind, id) => byEntity[kind].get(id).toReversed().map(rowOf),
    find(transactionId) {
      const decision = byId.get(transactionId);
      return decision === undefined ? undefined : rowOf(decision);
    },
    labels: (transactionId) =>
      labelsById
        .get(transactionId)
        .map(({ seq, label }) => ({ ...label, seq, inForce: inForce.get(transactionId) === label })),
    labelOf: (transactionId) => inForce.get(transactionId),
  };
}
