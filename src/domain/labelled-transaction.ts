/** A payment together with what its data set knows about it afterwards. */
import { type Transaction } from './transaction.ts';

/** The truth about a payment and when it came to light; never part of the transaction itself. */
export interface KnownLabel {
  readonly isFraud: boolean;
  /** Epoch milliseconds; for a genuine payment nobody reported, the end of the label delay. */
  readonly arrivalMs: number;
  /** The campaign or scenario behind a fraud, when recorded; never a feature. */
  readonly campaign?: string;
}

export interface LabelledTransaction {
  readonly transaction: Transaction;
  /** Absent when the data does not say. */
  readonly label?: KnownLabel;
}
