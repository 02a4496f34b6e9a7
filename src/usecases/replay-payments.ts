/** Labelled payments of a program through the live feature functions: each with its features as they stood at its time. */
import { createReplayOrder, type ReplayEvent } from '../datasets/replay-order.ts';
import { DEFAULT_RATES } from '../decisions/rates.ts';
import { type KnownLabel, type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type RateTable } from '../domain/money.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type FeatureEngine } from '../features/engine.ts';
import { createPaymentCheck } from './check-payments.ts';
import { createDatasetReplay } from './replay-dataset.ts';

export interface ReplayedPayment {
  readonly arrival: Arrival;
  /** Its features before it counts itself, in the order of the engine's catalogue; yours to keep. */
  readonly vector: Float64Array;
  /** Undefined when nobody ever said: silence counts as genuine after the label delay. */
  readonly label: KnownLabel | undefined;
}

/**
 * Folds `payments`, which come in order of time, into `engine` as a service would have: labels when they became known, the
 * risk tables every hour, payments as approved, amounts at the `rates` given or the built-in ones. Gives each payment once it
 * is folded; when all were taken, the labels still on their way are folded too. RangeError names a payment that cannot be.
 */
export function* replayPayments(
  engine: FeatureEngine,
  payments: Iterable<LabelledTransaction>,
  rates: RateTable = DEFAULT_RATES,
): Generator<ReplayedPayment> {
  const order = createReplayOrder(engine.settings.labelDelayMs);
  const checked = createPaymentCheck();
  let replayed: ReplayedPayment | undefined;
  const fold: (event: ReplayEvent) => void = createDatasetReplay(engine, rates, (arrival, vector, label) => {
    replayed = { arrival, vector: vector.slice(), label };
  });
  for (const payment of payments) {
    order.add(checked(payment)).forEach(fold);
    yield replayed!; // its payment is the last of what `add` gives
  }
  order.rest().forEach(fold);
}
