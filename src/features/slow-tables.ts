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
const AMOUNT_SUBJECTS = ['card_type', 'hour_of_day', 'email_domain'] as const;
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

/** What the tables in force say of one key. */
export interface TableEntry {
  /** Smoothed fraud rate; that of all payments for a key not in the table. */
  readonly risk: number;
  /** Mean amount, major units; NaN for a key not in the table. */
  readonly meanAmount: number;
  /** Share of all payments, 0..1; 0 for a key not in the table. */
  readonly share: number;
}

/** What is said when the payment names no key. */
export const NO_ENTRY: TableEntry = { risk: NaN, meanAmount: NaN, share: NaN };

/** The tables in force, ready to be looked up. */
export interface PublishedTables {
  readonly source: SlowTables;
  /** Fraud rate over all payments. */
  readonly fraudRate: number;
  entry(subject: Subject, key: string | undefined): TableEntry;
}

export const NO_TABLES: SlowTables = { arrivalMs: 0, version: 0, tables: {} };

export function lookUp(source: SlowTables): PublishedTables {
  const rows = (table: string): readonly SlowTableRow[] => source.tables[table] ?? [];
  const fraudRate = rows(ALL)[0]?.rate ?? PRIOR_FRAUD_RATE;
  const payments = rows(`${ALL}_amount`)[0]?.count ?? 0;
  const unknown: TableEntry = { risk: fraudRate, meanAmount: NaN, share: 0 };
  const entriesOf = (subject: Subject): ReadonlyMap<string, TableEntry> => {
    const risks = new Map(rows(subject).map(({ key, rate }) => [key, rate]));
    return new Map(
      rows(`${subject}_amount`).map(({ key, rate, count }) => [
        key,
        { risk: risks.get(key) ?? fraudRate, meanAmount: rate, share: count / payments },
      ]),
    );
  };
  const entries = Object.fromEntries(SUBJECTS.map((subject) => [subject, entriesOf(subject)])) as Readonly<
    Record<Subject, ReadonlyMap<string, TableEntry>>
  >;
  return {
    source,
    fraudRate,
    entry: (subject, key) => (key === undefined ? NO_ENTRY : (entries[subject].get(key) ?? unknown)),
  };
}
