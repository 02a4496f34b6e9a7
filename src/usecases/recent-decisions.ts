/** The latest committed decisions and labels, in memory: what the ledger may not hold yet. */
import { ENTITY_KINDS, type EntityKind, entityId } from '../domain/entity.ts';
import { type Label, labelInForce } from '../domain/label.ts';
import { hash32 } from '../features/hash.ts';
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

/** The mark of an entity that a payment does not name; no name has it. */
const NO_MARK = 0;
/**
 * Nothing at first. A decision is added at every payment and asked for now and then, so decisions are searched for, by
 * 32-bit marks of their names: some microseconds over 10,000 of them.
 */
export function createRecentDecisions(options: RecentDecisionsOptions): RecentDecisions {
  const { capacity, fromSeq } = options;
  const ring = new Array<DecisionRecord | undefined>(capacity).fill(undefined);
  const labelRing = new Array<LabelRecord | undefined>(capacity).fill(undefined);
  const entityMarks = ENTITY_KINDS.map(() => new Uint32Array(capacity));
  const idMarks = new Uint32Array(capacity);
  const labelsById = createIndex<LabelRecord>();
  const inForce = new Map<string, Label>();
  let decisions = 0;
  let labels = 0;
  let covered = fromSeq;
  let labelsFrom = fromSeq;
  let last = fromSeq - 1;

  /** Decisions, newest first, with the mark of `name`: it may be another name's too. */
  function marked(marks: Uint32Array, name: string): DecisionRecord[] {
    const mark = hash32(name);
    const found: DecisionRecord[] = [];
    for (let at = marks.indexOf(mark); at >= 0; at = marks.indexOf(mark, at + 1)) found.push(ring[at]!);
    return found.sort((a, b) => b.seq - a.seq);
  }

  function findDecision(transactionId: string): DecisionRecord | undefined {
    return marked(idMarks, transactionId).find(({ transaction }) => transaction.transactionId === transactionId);
  }

  /** A label in force stays as long as its payment or any of its labels is here. */
  function forget({ seq, transaction: { transactionId } }: DecisionRecord): void {
    if (inForce.has(transactionId) && labelsById.get(transactionId).length === 0) inForce.delete(transactionId);
    covered = seq + 1;
  }

  function forgetLabel({ label: { transactionId }, seq }: LabelRecord): void {
    labelsById.dropOldest(transactionId);
    const isLast = labelsById.get(transactionId).length === 0;
    if (isLast && findDecision(transactionId) === undefined) inForce.delete(transactionId);
    labelsFrom = seq + 1;
  }

  function addDecision(decision: DecisionRecord): void {
    const place = decisions++ % capacity;
    const oldest = ring[place];
    if (oldest !== undefined) forget(oldest);
    ring[place] = decision;
    for (let kind = 0; kind < ENTITY_KINDS.length; kind++) {
      const id = entityId(decision.transaction, ENTITY_KINDS[kind]!);
      entityMarks[kind]![place] = id === undefined ? NO_MARK : hash32(id);
    }
    const { transactionId } = decision.transaction;
    idMarks[place] = hash32(transactionId);
    const label = inForce.get(transactionId) ?? options.labelInForce(transactionId);
    if (label !== undefined) inForce.set(transactionId, label);
  }

  function addLabel(record: LabelRecord): void {
    const place = labels++ % capacity;
    const oldest = labelRing[place];
    if (oldest !== undefined) forgetLabel(oldest);
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
    entityRows(kind, id) {
      return marked(entityMarks[ENTITY_KINDS.indexOf(kind)]!, id)
        .filter(({ transaction }) => entityId(transaction, kind) === id)
        .map(rowOf);
    },
    find(transactionId) {
      const decision = findDecision(transactionId);
      return decision === undefined ? undefined : rowOf(decision);
    },
    labels: (transactionId) =>
      labelsById
        .get(transactionId)
        .map(({ seq, label }) => ({ ...label, seq, inForce: inForce.get(transactionId) === label })),
    labelOf: (transactionId) => inForce.get(transactionId),
  };
}
