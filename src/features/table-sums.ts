/** Counts by day behind the slow tables: payments, amounts and matured labels of each category, country and the like. */
import { DAY_MS } from '../domain/time.ts';
import { MINOR_PER_MAJOR } from './feature.ts';
import {
  ALL,
  PRIOR_FRAUD_RATE,
  PRIOR_WEIGHT,
  RISK_SUBJECTS,
  type RiskSubject,
  type SlowTableRow,
  type SlowTables,
  smoothedRate,
  type Subject,
  SUBJECTS,
} from './slow-tables.ts';
import { type Word } from './vocabulary.ts';

/** Days that count. */
const WINDOW_DAYS = 30;
/** Keys of one table: beyond it new keys count in the totals only. */
const MAX_KEYS = 1024;
/** What is held of one day. */
const FIELDS = 5;
const PAYMENTS = 0;
const AMOUNT = 1;
const ELIGIBLE = 2;
const LABELLED = 3;
const FRAUDS = 4;

export interface TableSumsImage {
  readonly newestDay: number;
  readonly sums: Readonly<Record<string, readonly (readonly [key: string, days: readonly number[]])[]>>;
}

/** The keys a label counts under; a subject its payment does not name is undefined. */
export type SubjectKeys = Readonly<Partial<Record<Subject, string | undefined>>>;

export interface TableSums {
  /** Begins the day of `eventTimeMs` if it is new: true when counts of keys may have gone. */
  advance(eventTimeMs: number): boolean;
  /** Adds a payment of a day begun; `words` keep the counts found for them. */
  addPayment(eventTimeMs: number, words: Readonly<Record<Subject, Word>>, amountMinor: number, eligible: boolean): void;
  /** The payment's first label. `eligible`: silence would have made it genuine. */
  addLabel(eventTimeMs: number, keys: SubjectKeys, isFraud: boolean, eligible: boolean): void;
  flipLabel(eventTimeMs: number, keys: SubjectKeys, isFraud: boolean): void;
  /** The tables as of `arrivalMs`: the last 30 days of payments, and the 30 days of labels that silence has closed. */
  publish(arrivalMs: number, version: number): SlowTables;
  image(): TableSumsImage;
}

function addTo(days: Float64Array | undefined, at: number, amountMinor: number, eligible: boolean): void {
  if (days === undefined) return;
  days[at + PAYMENTS]! += 1;
  days[at + AMOUNT]! += amountMinor;
  if (eligible) days[at + ELIGIBLE]! += 1;
}

export function createTableSums(labelDelayMs: number, image?: TableSumsImage): TableSums {
  const delayDays = Math.ceil(labelDelayMs / DAY_MS);
  const ringDays = WINDOW_DAYS + delayDays + 3; // the running day, a late one and one ahead
  const sums = Object.fromEntries(
    [ALL, ...SUBJECTS].map((subject) => [
      subject,
      new Map(image?.sums[subject]?.map(([key, days]) => [key, Float64Array.from(days)])),
    ]),
  ) as Record<Subject | typeof ALL, Map<string, Float64Array>>;
  let newestDay = image?.newestDay ?? -1;

  const inReach = (day: number): boolean => day > newestDay - ringDays && day <= newestDay;

  /** Clears the ring for days newly begun, and forgets keys without any day left. */
  const advance = (day: number): boolean => {
    if (day <= newestDay) return false;
    const begun = Math.min(day - newestDay, ringDays);
    for (const table of Object.values(sums)) {
      for (const [key, days] of table) {
        for (let i = 0; i < begun; i++) {
          const at = ((day - i) % ringDays) * FIELDS;
          days.fill(0, at, at + FIELDS);
        }
        if (days.every((value) => value === 0)) table.delete(key);
      }
    }
    newestDay = day;
    return true;
  };

  const daysOf = (subject: Subject | typeof ALL, key: string, make: boolean): Float64Array | undefined => {
    const table = sums[subject];
    const days = table.get(key);
    if (days !== undefined || !make || table.size >= MAX_KEYS) return days;
    const made = new Float64Array(ringDays * FIELDS);
    table.set(key, made);
    return made;
  };

  const changeLabel = (
    eventTimeMs: number,
    keys: SubjectKeys,
    change: readonly [eligible: number, labelled: number, frauds: number],
  ): void => {
    const day = Math.floor(eventTimeMs / DAY_MS);
    if (!inReach(day)) return;
    const at = (day % ringDays) * FIELDS;
    for (const subject of [ALL, ...RISK_SUBJECTS] as const) {
      const key = subject === ALL ? ALL : keys[subject];
      const days = key === undefined ? undefined : daysOf(subject, key, false);
      if (days === undefined) continue;
      days[at + ELIGIBLE]! += change[0];
      days[at + LABELLED]! += change[1];
      days[at + FRAUDS]! += change[2];
    }
  };

  const total = (days: Float64Array, field: number, fromDay: number, toDay: number): number => {
    const first = Math.max(fromDay, newestDay - ringDays + 1, 0);
    const last = Math.min(toDay, newestDay);
    let sum = 0;
    let at = (first % ringDays) * FIELDS + field;
    for (let day = first; day <= last; day++) {
      sum += days[at]!;
      at += FIELDS;
      if (at >= days.length) at = field;
    }
    return sum;
  };

  return {
    advance: (eventTimeMs) => advance(Math.floor(eventTimeMs / DAY_MS)),
    addPayment(eventTimeMs, words, amountMinor, eligible) {
      const day = Math.floor(eventTimeMs / DAY_MS);
      if (!inReach(day)) return;
      const at = (day % ringDays) * FIELDS;
      addTo(daysOf(ALL, ALL, true), at, amountMinor, eligible);
      for (const subject of SUBJECTS) {
        const word = words[subject];
        if (word.text === undefined) continue;
        word.days ??= daysOf(subject, word.text, true);
        addTo(word.days, at, amountMinor, eligible);
      }
    },
    addLabel(eventTimeMs, keys, isFraud, eligible) {
      changeLabel(eventTimeMs, keys, [eligible ? -1 : 0, 1, isFraud ? 1 : 0]);
    },
    flipLabel(eventTimeMs, keys, isFraud) {
      changeLabel(eventTimeMs, keys, [0, 0, isFraud ? 1 : -1]);
    },
    publish(arrivalMs, version) {
      const today = Math.floor(arrivalMs / DAY_MS);
      const matureDay = Math.floor((arrivalMs - labelDelayMs) / DAY_MS) - 1;
      const firstMature = matureDay - WINDOW_DAYS + 1;
      const labels = (days: Float64Array): { frauds: number; known: number } => ({
        frauds: total(days, FRAUDS, firstMature, matureDay),
        known: total(days, ELIGIBLE, firstMature, matureDay) + total(days, LABELLED, firstMature, matureDay),
      });
      const everything = sums.all.get(ALL);
      const all = everything === undefined ? { frauds: 0, known: 0 } : labels(everything);
      const prior = (all.frauds + PRIOR_FRAUD_RATE * PRIOR_WEIGHT) / (all.known + PRIOR_WEIGHT);
      const rows = (
        subject: Subject | typeof ALL,
        row: (key: string, days: Float64Array) => SlowTableRow,
      ): readonly SlowTableRow[] => {
        const made: SlowTableRow[] = [];
        for (const [key, days] of sums[subject]) {
          const of = row(key, days);
          if (of.count > 0) made.push(of);
        }
        return made.sort((a, b) => (a.key < b.key ? -1 : 1));
      };
      const amounts = (key: string, days: Float64Array): SlowTableRow => {
        const count = total(days, PAYMENTS, today - WINDOW_DAYS + 1, today);
        const amount = count === 0 ? 0 : total(days, AMOUNT, today - WINDOW_DAYS + 1, today);
        return { key, rate: amount / Math.max(count, 1) / MINOR_PER_MAJOR, count };
      };
      const risk = (key: string, days: Float64Array): SlowTableRow => {
        const { frauds, known } = labels(days);
        return { key, rate: smoothedRate(frauds, known, prior), count: known };
      };
      return {
        arrivalMs,
        version,
        tables: {
          [ALL]: [{ key: ALL, rate: prior, count: all.known }],
          ...Object.fromEntries(RISK_SUBJECTS.map((subject: RiskSubject) => [subject, rows(subject, risk)])),
          ...Object.fromEntries(([ALL, ...SUBJECTS] as const).map((s) => [`${s}_amount`, rows(s, amounts)])),
        },
      };
    },
    image: () => ({
      newestDay,
      sums: Object.fromEntries(Object.entries(sums).map(([s, table]) => [s, [...table].map(([k, d]) => [k, [...d]])])),
    }),
  };
}
