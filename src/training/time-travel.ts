/** Proves that features know nothing of what came after them: the same history with another future must give the same bits. */
import { type LabelEvent, type PaymentEvent, type ReplayEvent } from '../datasets/replay-order.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { SentinelError } from '../domain/errors.ts';
import { createRandom } from '../stats/random.ts';

/** What a history gives: the features of its payments in order, column-major [features][payments]; NaN missing. */
export interface HistoryFeatures {
  readonly names: readonly string[];
  readonly transactionIds: readonly string[];
  readonly values: readonly Float64Array[];
}

/** Computes the features of a history, as training does. */
export type ComputeFeatures = (events: readonly ReplayEvent[]) => HistoryFeatures;

/** What may come after the present: nothing, or other payments with the opposite labels. */
const FUTURES = ['removed', 'changed'] as const;
type Future = (typeof FUTURES)[number];

/** Where the history is cut, as shares of its events. */
const CUTS = [0.4, 0.9] as const;

/**
 * Throws FEATURE_KNOWS_FUTURE, naming the feature and the payment, when a payment's features differ once later
 * payments and labels are removed or changed; or when `trained`, the table learnt from, holds other values for the
 * payments of the history. Cost: five computations of `events`.
 */
export function requireNoFuture(
  compute: ComputeFeatures,
  events: readonly ReplayEvent[],
  seed: number,
  trained?: HistoryFeatures,
): void {
  const whole = compute(events);
  for (const share of CUTS) {
    const cut = Math.floor(share * events.length);
    for (const future of FUTURES) {
      requireSame(compute(withFuture(events, cut, future, seed)), whole, paymentsIn(events.slice(0, cut)).length);
    }
  }
  if (trained !== undefined) requireSame(whole, trained, whole.transactionIds.length);
}

/** Compares the first payments of `knowable` with what `used` holds for them, by id. */
function requireSame(knowable: HistoryFeatures, used: HistoryFeatures, payments: number): void {
  const placeOf = new Map(used.transactionIds.map((id, place) => [id, place]));
  const columnOf = new Map(used.names.map((name, column) => [name, column]));
  knowable.names.forEach((feature, column) => {
    const usedColumn = columnOf.get(feature);
    if (usedColumn === undefined) return;
    for (let row = 0; row < payments; row++) {
      const transactionId = knowable.transactionIds[row]!;
      const place = placeOf.get(transactionId);
      if (place === undefined) continue;
      const [past, withFutureKnown] = [knowable.values[column]![row]!, used.values[usedColumn]![place]!];
      if (Object.is(past, withFutureKnown)) continue;
      throw new SentinelError('FEATURE_KNOWS_FUTURE', { feature, transactionId, used: withFutureKnown, past });
    }
  });
}

const paymentsIn = (events: readonly ReplayEvent[]): PaymentEvent[] =>
  events.filter((event) => event.type === 'payment');

/** The events before `cut` with their own words about the time after it taken back, and then another future. */
function withFuture(events: readonly ReplayEvent[], cut: number, future: Future, seed: number): ReplayEvent[] {
  const presentMs = events[cut - 1]?.atMs ?? -Infinity;
  const before = events.slice(0, cut).map((event) => withoutLaterLabel(event, presentMs));
  return future === 'removed' ? before : [...before, ...changed(events.slice(cut), seed)];
}

/** A payment's label is no part of the past until it has arrived. */
function withoutLaterLabel(event: ReplayEvent, presentMs: number): ReplayEvent {
  if (event.type === 'label' || event.payment.label === undefined) return event;
  if (event.payment.label.arrivalMs <= presentMs) return event;
  return { ...event, payment: { transaction: event.payment.transaction } };
}

/** The same moments with payments dealt anew to them and every label turned round. */
function changed(events: readonly ReplayEvent[], seed: number): ReplayEvent[] {
  const dealt = createRandom(seed).shuffle(paymentsIn(events).map(({ payment }) => payment));
  let next = 0;
  return events.map((event) =>
    event.type === 'label' ? turned(event) : { ...event, payment: inPlaceOf(event.payment, dealt[next++]!) },
  );
}

function turned(event: LabelEvent): LabelEvent {
  return { ...event, label: { ...event.label, isFraud: !event.label.isFraud } };
}

/** Another payment at this one's moment, under this one's name. */
function inPlaceOf({ transaction }: LabelledTransaction, other: LabelledTransaction): LabelledTransaction {
  const { transactionId, eventTimeMs } = transaction;
  return { transaction: { ...other.transaction, transactionId, eventTimeMs } };
}
