/** Tables that change slowly: fraud rate and mean amount of each category, country and the like, as last published. */

export interface SlowTableRow {
  readonly key: string;
  /** A smoothed fraud rate, or a mean amount in major units for tables named `…_amount`. */
  readonly rate: number;
  /** Payments it rests on. */
  readonly count: number;
}

/** What is published each hour as one journal record. */
export interface SlowTables {
  /** The arrival that made them due, epoch milliseconds. */
  readonly arrivalMs: number;
  readonly version: number;
  readonly tables: Readonly<Record<string, readonly SlowTableRow[]>>;
}

/** Tables with a fraud rate and a mean amount; labels name these three. */
export const RISK_SUBJECTS = ['merchant_category', 'location_country', 'device_type'] as const;
/** Tables with a mean amount only. */
export const AMOUNT_SUBJECTS = ['card_type', 'hour_of_day', 'email_domain'] as const;
export type RiskSubject = (typeof RISK_SUBJECTS)[number];
export type Subject = RiskSubject | (typeof AMOUNT_SUBJECTS)[number];
export const SUBJECTS: readonly Subject[] = [...RISK_SUBJECTS, ...AMOUNT_SUBJECTS];

/** Key of the row over all payments, in the tables `all` and `all_amount`. */
export const ALL = 'all';

/** Fraud rate assumed before anything is known, and how many payments that belief weighs. */
export const PRIOR_FRAUD_RATE = 0.005;
export const PRIOR_WEIGHT = 200;
/** Weight of the rate over all payments against an entity's or a category's own, in payments. */
export const SMOOTHING_WEIGHT = 10;

/** Frauds among known payments, drawn towards `prior` as if SMOOTHING_WEIGHT payments more were known. */
export function smoothedRate(frauds: number, known: number, prior: number): number {
  return (frauds + SMOOTHING_WEIGHT * prior) / (known + SMOOTHING_WEIGHT);
}

/** The tables in force, ready to be looked up. */
export interface PublishedTables {
  readonly source: SlowTables;
  /** Fraud rate over all payments. */
  readonly fraudRate: number;
  /** The key's smoothed fraud rate; that of all payments for a key not in the table. */
  risk(subject: RiskSubject, key: string): number;
  /** The key's mean amount, major units; NaN for a key not in the table. */
  meanAmount(subject: Subject, key: string): number;
  /** The key's share of all payments, 0..1; 0 for a key not in the table. */
  share(subject: Subject, key: string): number;
}

export const NO_TABLES: SlowTables = { arrivalMs: 0, version: 0, tables: {} };

export function lookUp(source: SlowTables): PublishedTables {
  const indexed = new Map<string, ReadonlyMap<string, SlowTableRow>>(
    Object.entries(source.tables).map(([name, rows]) => [name, new Map(rows.map((row) => [row.key, row]))]),
  );
  const row = (table: string, key: string): SlowTableRow | undefined => indexed.get(table)?.get(key);
  const fraudRate = row(ALL, ALL)?.rate ?? PRIOR_FRAUD_RATE;
  const payments = row(`${ALL}_amount`, ALL)?.count ?? 0;
  const amounts = Object.fromEntries(SUBJECTS.map((subject) => [subject, indexed.get(`${subject}_amount`)]));
  return {
    source,
    fraudRate,
    risk: (subject, key) => row(subject, key)?.rate ?? fraudRate,
    meanAmount: (subject, key) => amounts[subject]?.get(key)?.rate ?? NaN,
    share: (subject, key) => (payments === 0 ? 0 : (amounts[subject]?.get(key)?.count ?? 0) / payments),
  };
}
