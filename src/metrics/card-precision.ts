/** Card precision: of the k customers an investigator calls each day, how many were defrauded that day. */
import { requireSameLength } from './check.ts';

interface DayCustomer {
  readonly customer: number;
  /** Any of the customer's rows that day: gives its weight. */
  readonly row: number;
  score: number;
  fraud: boolean;
}

export interface CustomerDays {
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
  /** Customer number of each row. */
  readonly customers: Uint32Array;
  /** Day number of each row. */
  readonly days: Int32Array;
}

/** Each day's customers by falling score, ties in order of appearance; days rising. */
function customersByDay({ labels, scores, customers, days }: CustomerDays): DayCustomer[][] {
  const byDay = new Map<number, Map<number, DayCustomer>>();
  for (let row = 0; row < labels.length; row++) {
    let day = byDay.get(days[row]!);
    if (day === undefined) byDay.set(days[row]!, (day = new Map()));
    const customer = customers[row]!;
    const known = day.get(customer);
    if (known === undefined) day.set(customer, { customer, row, score: scores[row]!, fraud: labels[row] === 1 });
    else {
      known.score = Math.max(known.score, scores[row]!);
      known.fraud ||= labels[row] === 1;
    }
  }
  return [...byDay].sort(([a], [b]) => a - b).map(([, day]) => [...day.values()].sort((a, b) => b.score - a.score));
}

/**
 * Prepares card precision at `k`: the customer's score is the highest of its payments that day, the k highest are
 * called, those found defrauded are left out on later days, and the answer is the mean over days of found / k.
 * Row weights (one for all rows of a customer) make a customer take that many of the k places.
 * Source: Fraud Detection Handbook (Le Borgne et al., 2022), chapter 4, “Precision top-k metrics”.
 */
export function createCardPrecision(sample: CustomerDays, k: number): (weights?: Float64Array) => number {
  requireSameLength('card precision', sample.labels, sample.scores);
  if (!(k > 0)) throw new RangeError(`card precision: k is ${k}`);
  const days = customersByDay(sample);
  return (weights) => {
    const found = new Set<number>();
    let sum = 0;
    for (const day of days) {
      let placesLeft = k;
      for (const { customer, row, fraud } of day) {
        if (placesLeft <= 0) break;
        const weight = weights === undefined ? 1 : weights[row]!;
        if (weight === 0 || found.has(customer)) continue;
        if (fraud) {
          sum += Math.min(weight, placesLeft);
          found.add(customer);
        }
        placesLeft -= weight;
      }
    }
    return sum / (k * days.length);
  };
}
