/** A payment authorisation request, validated and with card numbers already masked. */

export type AttributeValue = string | number | boolean;

/** Absent optional fields are absent keys, never empty strings. */
export interface Transaction {
  readonly transactionId: string;
  readonly userId: string;
  readonly merchantId: string;
  /** In minor units of `currency` (cents for USD, yen for JPY): an integer > 0 (0 only in data sets that keep it). */
  readonly amountMinor: number;
  /** ISO 4217 alphabetic code. */
  readonly currency: string;
  readonly merchantCategory: string;
  readonly transactionType: string;
  /** When the payment happened, epoch milliseconds UTC. */
  readonly eventTimeMs: number;
  readonly cardId?: string;
  readonly deviceId?: string;
  readonly deviceType?: string;
  readonly ipAddress?: string;
  /** ISO 3166 code as sent, two or three letters, upper case. */
  readonly locationCountry?: string;
  readonly locationCity?: string;
  /** Degrees north, −90..90. */
  readonly latitude?: number;
  /** Degrees east, −180..180. */
  readonly longitude?: number;
  readonly cardType?: string;
  readonly cardLastFour?: string;
  readonly emailDomain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A transaction at its place in the one global order. */
export interface Arrival {
  /** Position in the global order, 1 and up; a gap is an in-doubt payment. */
  readonly seq: number;
  /** When it reached us, epoch milliseconds; assigned once, the same in every replay. */
  readonly arrivalMs: number;
  readonly transaction: Transaction;
  /** The amount in base-currency minor units by the pinned rate table: an integer ≥ 0. */
  readonly amountBaseMinor: number;
}
