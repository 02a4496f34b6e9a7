/** One entity's profile put into words and numbers for people. */
import { type EntityKind } from '../domain/entity.ts';
import {
  createWindowBounds,
  type EntityView,
  LABEL_WINDOWS,
  readLabels,
  readPayments,
  setWindowBounds,
  WINDOWS,
} from './entity-view.ts';
import { smoothedRate } from './slow-tables.ts';

export interface EntityProfile {
  readonly kind: EntityKind;
  readonly id: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Payments ever. */
  readonly payments: number;
  /** By window (`1h` … `30d`), ending at the moment asked about. */
  readonly windows: Readonly<Record<string, { readonly payments: number; readonly amountBaseMinor: number }>>;
  /** By window (`1d` … `30d`): payments that became known, frauds among them, and the smoothed rate. */
  readonly labels: Readonly<Record<string, { readonly known: number; readonly frauds: number; readonly risk: number }>>;
  readonly fraudRun: number;
  /** Event time of the newest payment known as fraud, absent when there is none in 30 days. */
  readonly lastFraudMs?: number;
}

/** Undefined when the entity had not been seen at `atMs`; `view` is open at its profile. */
export function describeEntity(
  view: EntityView,
  {
    kind,
    id,
    atMs,
    labelDelayMs,
    fraudRate,
  }: {
    readonly kind: EntityKind;
    readonly id: string;
    readonly atMs: number;
    readonly labelDelayMs: number;
    readonly fraudRate: number;
  },
): EntityProfile | undefined {
  const bounds = createWindowBounds();
  setWindowBounds(bounds, atMs);
  readPayments(view, bounds);
  if (view.paymentsEver === 0) return undefined;
  readLabels(view, bounds, labelDelayMs);
  return {
    kind,
    id,
    firstSeenMs: view.firstMs,
    lastSeenMs: view.lastMs,
    payments: view.paymentsEver,
    windows: Object.fromEntries(
      WINDOWS.map(({ suffix }, w) => [suffix, { payments: view.payments[w]!, amountBaseMinor: view.amounts[w]! }]),
    ),
    labels: Object.fromEntries(
      LABEL_WINDOWS.map(({ suffix }, w) => {
        const [known, frauds] = [view.known[w]!, view.frauds[w]!];
        return [suffix, { known, frauds, risk: smoothedRate(frauds, known, fraudRate) }];
      }),
    ),
    fraudRun: view.fraudRun,
    ...(Number.isNaN(view.lastFraudMs) ? {} : { lastFraudMs: view.lastFraudMs }),
  };
}
