/** Labels that arrive late: each is bound to its payment, ranked against the label in force, and recorded. */
import { type Label, type LabelSource } from '../domain/label.ts';

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
  /** The label in force after this one. */
  readonly inForce: Label;
}

export type RecordLabel = (request: LabelRequest) => Promise<LabelReceipt>;
