/** The state every record changes, and the one way each kind of record changes it: live, at start-up and in replays. */
import { type Label, labelInForce, type PaymentReference, referenceOf, takesPlaceOf } from '../domain/label.ts';
import { DAY_MS } from '../domain/time.ts';
import { effectiveTimeMs } from '../features/event-time.ts';
import { type FeatureEngine } from '../features/engine.ts';
import { lostThrough } from '../journal/lost-place.ts';
import { type ChangeRecord, type DecisionRecord, type JournalRecord, type LabelRecord } from '../journal/record.ts';
import { decodeFold, encodeFold } from './fold-bytes.ts';

/** A label whose payment has not been seen waits this long, then goes to the dead letters. */
export const LABEL_WAIT_MS = 30 * DAY_MS;
/** A label in force is remembered this long for precedence; chargebacks arrive within 120 days of the payment. */
const LABEL_MEMORY_MS = 180 * DAY_MS;

export interface Fold {
  readonly engine: FeatureEngine;
  /** `seq` and arrival of the last record applied; arrivals never decrease. */
  readonly position: () => { readonly seq: number; readonly arrivalMs: number };
  apply(record: JournalRecord): void;
  labelInForce(transactionId: string): Label | undefined;
  /** Labels that arrived before their payment, the latest of each source, in arrival order. */
  waitingLabels(transactionId: string): readonly Label[];
  /** Waiting labels that arrived at or before `arrivalMs` − 30 days. */
  expiredLabels(arrivalMs: number): readonly Label[];
  /** Labels in force and labels that wait, by transaction id. */
  labels(): { readonly inForce: ReadonlyMap<string, Label>; readonly waiting: ReadonlyMap<string, readonly Label[]> };
  /** Every subject with the version last put in force. */
  versions(): ReadonlyMap<ChangeRecord['subject'], string>;
  /** The version of `subject` last put in force; undefined before the first. */
  inForce(subject: ChangeRecord['subject']): string | undefined;
  /** Whether the end of this training run is on record. */
  knowsRun(id: string): boolean;
  snapshot(): Uint8Array;
  restore(bytes: Uint8Array): void;
}

/** What a label record needs to know of the payment it speaks of. */
export function paymentReference(decision: DecisionRecord): PaymentReference {
  return referenceOf(decision, effectiveTimeMs(decision), decision.outcome === 'block');
}

/** Whether a label that was bound is the one that waited. */
function isSameLabel(a: Label, b: Label): boolean {
  return a.arrivalMs === b.arrivalMs && a.source === b.source && a.isFraud === b.isFraud && a.campaign === b.campaign;
}

/** The labels that wait for a payment once `label` waits too. */
function waitingWith(waiting: readonly Label[], label: Label): readonly Label[] {
  return [...waiting.filter((each) => !takesPlaceOf(label, each)), label];
}

/** A fold over an empty journal; `engine` must be new or restored together with it. */
export function createFold(engine: FeatureEngine): Fold {
  const inForce = new Map<string, Label>();
  const versions = new Map<ChangeRecord['subject'], string>();
  const waiting = new Map<string, readonly Label[]>();
  const runs = new Set<string>();
  let seq = 0;
  let arrivalMs = 0;

  const applyLabel = (record: LabelRecord): void => {
    const { label, payment } = record;
    const id = label.transactionId;
    if (payment === undefined) {
      waiting.set(id, waitingWith(waiting.get(id) ?? [], label));
      return;
    }
    const previous = inForce.get(id);
    const next = labelInForce(previous, label);
    const left = waiting.get(id)?.filter((each) => !isSameLabel(each, label)) ?? [];
    if (left.length > 0) waiting.set(id, left);
    else waiting.delete(id);
    if (next === previous) return;
    inForce.set(id, next);
    engine.label({ seq: record.seq, label: next, payment, ...(previous !== undefined && { previous }) });
  };

  /** Those that came for the same payment less than the wait ago go on waiting. */
  const giveUpLabels = (id: string): void => {
    const left = waiting.get(id)?.filter((label) => label.arrivalMs > arrivalMs - LABEL_WAIT_MS) ?? [];
    if (left.length > 0) waiting.set(id, left);
    else waiting.delete(id);
  };

  const forgetOldLabels = (): void => {
    for (const [id, label] of inForce) if (label.arrivalMs < arrivalMs - LABEL_MEMORY_MS) inForce.delete(id);
  };

  return {
    engine,
    position: () => ({ seq, arrivalMs }),
    apply(record) {
      seq = record.seq;
      arrivalMs = record.arrivalMs;
      switch (record.type) {
        case 'decision':
          engine.update(record, record.outcome);
          return;
        case 'label':
          applyLabel(record);
          return;
        case 'tables':
          engine.publish(record);
          forgetOldLabels();
          return;
        case 'dead_letter':
          if (lostThrough(record) === undefined) giveUpLabels(record.payload);
          return;
        case 'change':
          if (record.subject === 'run') runs.add(record.version);
          else versions.set(record.subject, record.version);
          return;
        case 'cache_hit':
          return;
      }
    },
    labelInForce: (id) => inForce.get(id),
    waitingLabels: (id) => waiting.get(id) ?? [],
    expiredLabels(now) {
      return [...waiting.values()].flat().filter((label) => label.arrivalMs <= now - LABEL_WAIT_MS);
    },
    labels: () => ({ inForce, waiting }),
    versions: () => versions,
    inForce: (subject) => versions.get(subject),
    knowsRun: (id) => runs.has(id),
    snapshot: () => encodeFold({ seq, arrivalMs, inForce, waiting, versions, runs }, engine.snapshot()),
    restore(bytes) {
      const { state, engineBytes } = decodeFold(bytes);
      seq = state.seq;
      arrivalMs = state.arrivalMs;
      inForce.clear();
      waiting.clear();
      runs.clear();
      versions.clear();
      for (const [subject, version] of state.versions) versions.set(subject, version);
      for (const id of state.runs) runs.add(id);
      for (const [id, label] of state.inForce) inForce.set(id, label);
      // Earlier versions let more of them wait.
      for (const [id, labels] of state.waiting) waiting.set(id, labels.reduce<readonly Label[]>(waitingWith, []));
      engine.restore(engineBytes);
    },
  };
}
