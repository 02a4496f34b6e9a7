/** The latest committed decisions and labels, in memory: what the ledger may not hold yet. */
import { ENTITY_KINDS, type EntityKind, entityId } from '../domain/entity.ts';
import { type Label, labelInForce } from '../domain/label.ts';
import { leastShownAs, OUTCOMES } from '../domain/outcome.ts';
import { hash32 } from '../features/hash.ts';
import { viewOf } from '../journal/bytes.ts';
import { type BytePrimitives, frameLength, frameTransactionId, takeRecord } from '../journal/frame.ts';
import { createFrameRing } from '../journal/frame-ring.ts';
import { type DecisionRecord, type JournalRecord, type LabelRecord } from '../journal/record.ts';
import { byEventDescending, decisionRow, isWithin, matches, shownScore } from '../ledger/decision-row.ts';
import { type DecisionQuery, type DecisionRow, type EntityRange, type LabelRow } from '../ledger/queries.ts';

/** Bytes of a decision with 136 features and their contributions. */
const USUAL_BYTES = 2_560;

export interface RecentDecisions {
  /** Takes committed records in order, with their frames; older ones than already taken are ignored. */
  add(records: readonly JournalRecord[], frames: Uint8Array): void;
  /** Every decision with this seq or a later one is here. */
  coveredFromSeq(): number;
  /** Every label with this seq or a later one is here. */
  labelsFromSeq(): number;
  /** `seq` of the newest record taken; one less than `coveredFromSeq` when there is none. */
  lastSeq(): number;
  /** Those that match, the limit aside, newest first, as they are asked for. */
  rows(query: DecisionQuery): Iterable<DecisionRow>;
  /** Those behind `afterSeq` that name the entity, newest first. */
  entityRows(kind: EntityKind, id: string, afterSeq?: number): readonly DecisionRow[];
  /** Those within `range` that name the entity, the newest event first, at most as many as it says; no others are decoded. */
  entityPayments(kind: EntityKind, id: string, range: EntityRange): readonly DecisionRow[];
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
  /** How many decisions are kept at most, and how many labels. */
  readonly capacity: number;
  /** Room for their bytes; enough for usual decisions when absent. */
  readonly bytes?: number;
  readonly primitives: BytePrimitives;
  /** `seq` of the first record that will be added; Infinity when only some records are, in any order, each once. */
  readonly fromSeq: number;
  /** The label in force of a payment by what is known outside: it may have arrived before its payment. */
  readonly labelInForce: (transactionId: string) => Label | undefined;
}

/** The mark of an entity that a payment does not name; no name has it. */
const NO_MARK = 0;

/**
 * Nothing at first. A decision is added at every payment and asked for now and then: its bytes are kept as they stand in
 * the journal, since as many objects, alive for long, cost the collector pauses of 10 ms and more, and decisions are
 * searched for by a few columns and 32-bit marks of their names, some microseconds over 10,000 of them.
 */
export function createRecentDecisions(options: RecentDecisionsOptions): RecentDecisions {
  const { capacity, fromSeq, primitives } = options;
  const ring = createFrameRing(capacity, options.bytes ?? capacity * USUAL_BYTES);
  const labelRing = new Array<LabelRecord | undefined>(capacity).fill(undefined);
  const entityMarks = ENTITY_KINDS.map(() => new Uint32Array(capacity));
  const idMarks = new Uint32Array(capacity);
  const seqs = new Float64Array(capacity);
  const arrivalsMs = new Float64Array(capacity);
  const eventTimesMs = new Float64Array(capacity);
  const scores = new Float64Array(capacity);
  const outcomes = new Uint8Array(capacity);
  const labelsById = createIndex<LabelRecord>();
  const inForce = new Map<string, Label>();
  let labels = 0;
  let covered = fromSeq;
  let labelsFrom = fromSeq;
  let last = fromSeq - 1;

  const decisionAt = (place: number): DecisionRecord =>
    takeRecord(ring.bytes, ring.view, ring.startOf(place), primitives) as DecisionRecord; // only decisions are put there

  /** Places of decisions, newest first, with the mark of `name`: it may be another name's too. */
  function marked(marks: Uint32Array, name: string): number[] {
    const mark = hash32(name);
    const found: number[] = [];
    for (let at = marks.indexOf(mark); at >= 0; at = marks.indexOf(mark, at + 1)) {
      if (ring.isHeld(at)) found.push(at);
    }
    return found.sort((a, b) => seqs[b]! - seqs[a]!);
  }

  function findDecision(transactionId: string): DecisionRecord | undefined {
    return marked(idMarks, transactionId)
      .map(decisionAt)
      .find(({ transaction }) => transaction.transactionId === transactionId);
  }

  const placesOf = (kind: EntityKind, id: string): number[] => marked(entityMarks[ENTITY_KINDS.indexOf(kind)]!, id);

  /** A label in force stays as long as its payment or any of its labels is here. */
  function forget(place: number): void {
    const id = frameTransactionId(ring.bytes, ring.view, ring.startOf(place), primitives);
    if (inForce.has(id) && labelsById.get(id).length === 0) inForce.delete(id);
    covered = seqs[place]! + 1;
  }

  function forgetLabel({ label: { transactionId }, seq }: LabelRecord): void {
    labelsById.dropOldest(transactionId);
    const isLast = labelsById.get(transactionId).length === 0;
    if (isLast && findDecision(transactionId) === undefined) inForce.delete(transactionId);
    labelsFrom = seq + 1;
  }

  function addDecision(decision: DecisionRecord, frame: Uint8Array): void {
    const place = ring.put(frame, forget);
    for (let kind = 0; kind < ENTITY_KINDS.length; kind++) {
      const id = entityId(decision.transaction, ENTITY_KINDS[kind]!);
      entityMarks[kind]![place] = id === undefined ? NO_MARK : hash32(id);
    }
    const { transactionId } = decision.transaction;
    idMarks[place] = hash32(transactionId);
    seqs[place] = decision.seq;
    arrivalsMs[place] = decision.arrivalMs;
    eventTimesMs[place] = decision.transaction.eventTimeMs;
    scores[place] = shownScore(decision.probability);
    outcomes[place] = OUTCOMES.indexOf(decision.outcome);
    const label = inForce.get(transactionId) ?? options.labelInForce(transactionId);
    if (label !== undefined) inForce.set(transactionId, label);
  }

  /** False for decisions that do not match, by what is known of them without decoding; true for some others too. */
  function columnsMatch({
    outcome,
    entity,
    fromMs,
    toMs,
    minScore,
    isFraud,
    beforeSeq,
  }: DecisionQuery): (place: number) => boolean {
    const wanted = outcome === undefined ? undefined : OUTCOMES.indexOf(outcome);
    const least = minScore === undefined ? -Infinity : leastShownAs(minScore);
    const marks = entity && entityMarks[ENTITY_KINDS.indexOf(entity.kind)]!;
    const mark = entity && hash32(entity.id);
    const frauds =
      isFraud === true
        ? new Set([...inForce].filter(([, label]) => label.isFraud).map(([id]) => hash32(id)))
        : undefined;
    return (place) =>
      (wanted === undefined || outcomes[place] === wanted) &&
      (marks === undefined || marks[place] === mark) &&
      (fromMs === undefined || arrivalsMs[place]! >= fromMs) &&
      (toMs === undefined || arrivalsMs[place]! < toMs) &&
      scores[place]! >= least &&
      (frauds === undefined || frauds.has(idMarks[place]!)) &&
      (beforeSeq === undefined || seqs[place]! < beforeSeq);
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
    add(records, frames) {
      const view = viewOf(frames);
      let at = 0;
      for (const record of records) {
        const end = at + frameLength(view, at);
        if (record.seq > last || fromSeq === Infinity) {
          if (record.type === 'decision') addDecision(record, frames.subarray(at, end));
          else if (record.type === 'label') addLabel(record);
          last = record.seq;
        }
        at = end;
      }
    },
    coveredFromSeq: () => covered,
    labelsFromSeq: () => labelsFrom,
    lastSeq: () => last,
    *rows(query) {
      const mayMatch = columnsMatch(query);
      for (const place of ring.newestFirst()) {
        if (!mayMatch(place)) continue;
        const row = rowOf(decisionAt(place));
        if (matches(row, query)) yield row;
      }
    },
    entityRows(kind, id, afterSeq = 0) {
      return placesOf(kind, id)
        .filter((place) => seqs[place]! > afterSeq)
        .map(decisionAt)
        .filter(({ transaction }) => entityId(transaction, kind) === id)
        .map(rowOf);
    },
    entityPayments(kind, id, range) {
      const wanted = placesOf(kind, id)
        .map((place) => ({ place, seq: seqs[place]!, transaction: { eventTimeMs: eventTimesMs[place]! } }))
        .filter((event) => isWithin(event, range))
        .sort(byEventDescending);
      const rows: DecisionRow[] = [];
      for (const { place } of wanted) {
        if (rows.length >= range.limit) break;
        const decision = decisionAt(place);
        if (entityId(decision.transaction, kind) === id) rows.push(rowOf(decision));
      }
      return rows;
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
