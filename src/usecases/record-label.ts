/** Labels that arrive late: each is bound to its payment, ranked against the label in force, and recorded. */
import { type Label, labelInForce, type LabelSource } from '../domain/label.ts';
import { type DecisionRecord, type LabelRecord } from '../journal/record.ts';
import { type Clock } from '../ports/clock.ts';
import { type Journal } from '../ports/journal.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type Fold, paymentReference } from './fold.ts';
import { refuseWithoutRoom } from './refuse-without-room.ts';

export interface LabelRequest {
  readonly transactionId: string;
  readonly isFraud: boolean;
  readonly source: LabelSource;
  readonly campaign?: string;
}

export interface LabelReceipt {
  readonly transactionId: string;
  /** 'recorded': its payment is known; 'waiting': kept up to 30 days for a payment not seen yet. */
  readonly status: 'recorded' | 'waiting';
  /** The label in force after this one; while they wait, the one that will be once the payment comes. */
  readonly inForce: Label;
}

/** Resolves once the label is durable; rejects with SHUTTING_DOWN or JOURNAL_UNAVAILABLE. */
export type RecordLabel = (request: LabelRequest) => Promise<LabelReceipt>;

export function createRecordLabel(deps: {
  readonly fold: Fold;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): RecordLabel {
  const { fold, journal, clock, telemetry } = deps;

  const findPayment = async (transactionId: string): Promise<DecisionRecord | undefined> => {
    const found = await journal.findDecision(transactionId);
    // It may have been decided while the disk was asked; its decision has then looked for waiting labels already.
    const isHere = found === undefined && typeof journal.knownId(transactionId) === 'object';
    return isHere ? findPayment(transactionId) : found;
  };

  return async (request) => {
    const decision = await findPayment(request.transactionId);
    refuseWithoutRoom(journal);
    const arrivalMs = Math.max(fold.position().arrivalMs, clock.nowMs());
    const label: Label = { ...request, arrivalMs };
    const previous = fold.labelInForce(request.transactionId);
    const beside = fold.waitingLabels(request.transactionId);
    const record = {
      type: 'label',
      arrivalMs,
      label,
      ...(decision !== undefined && { payment: paymentReference(decision) }),
      ...(previous !== undefined && { previous }),
    } as const;
    const appended = journal.append<LabelRecord>(record);
    fold.apply(appended.record);
    telemetry.label(label.isFraud);
    await appended.committed;
    return {
      transactionId: request.transactionId,
      status: decision === undefined ? 'waiting' : 'recorded',
      inForce: labelInForce(beside.reduce<Label | undefined>(labelInForce, previous), label),
    };
  };
}
