/** Random histories: payments on time and late, blocked or not, labels and corrections, in one order of arrival. */
import fc from 'fast-check';
import { type EntityKind } from '../../src/domain/entity.ts';
import { type Label, LABEL_SOURCES, type LabelArrival, labelInForce } from '../../src/domain/label.ts';
import { type Outcome } from '../../src/domain/outcome.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { type Arrival } from '../../src/domain/transaction.ts';
import { effectiveTimeMs } from '../../src/features/event-time.ts';
import { aTransaction, anArrival, NOON_MS } from './transactions.ts';

export type Step =
  | { readonly type: 'payment'; readonly arrival: Arrival; readonly outcome: Outcome }
  | { readonly type: 'label'; readonly label: LabelArrival };

interface Draft {
  readonly waitMs: number;
  readonly lateMs: number;
  readonly user: number;
  readonly merchant: number;
  readonly device: number;
  readonly ip: number;
  readonly country: number;
  readonly amountMinor: number;
  readonly outcome: Outcome;
  /** Which earlier payment is labelled, counted back; absent when the step is a payment. */
  readonly labels?: number | undefined;
  readonly isFraud: boolean;
  readonly source: number;
}

const COUNTRIES = ['US', 'DE', 'BRA'] as const;
const CATEGORIES = ['grocery', 'travel', 'atm'] as const;
/** Places of the countries above. */
const PLACES = [
  [40.7, -74],
  [52.5, 13.4],
  [-23.5, -46.6],
] as const;

const wait = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 1000) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 * HOUR_MS }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 * DAY_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 45 * DAY_MS) },
);
const late = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 20 * MINUTE_MS }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 30 * HOUR_MS }) },
);

const draft: fc.Arbitrary<Draft> = fc.record({
  waitMs: wait,
  lateMs: late,
  user: fc.integer({ min: 0, max: 2 }),
  merchant: fc.integer({ min: 0, max: 1 }),
  device: fc.integer({ min: 0, max: 2 }),
  ip: fc.integer({ min: 0, max: 2 }),
  country: fc.integer({ min: 0, max: 3 }),
  amountMinor: fc.integer({ min: 1, max: 50_000 }),
  outcome: fc.constantFrom('approve', 'approve', 'review', 'block'),
  labels: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 3, nil: undefined }),
  isFraud: fc.boolean(),
  source: fc.integer({ min: 0, max: 2 }),
});

/** Histories of up to `length` steps. */
export function histories(length: number): fc.Arbitrary<readonly Step[]> {
  return fc.array(draft, { minLength: 1, maxLength: length }).map(build);
}

/** Histories on whole hours and days, so that window edges, label delays and equal times meet. */
export function roundHistories(length: number): fc.Arbitrary<readonly Step[]> {
  const roundDraft = fc.record({
    draft,
    waitMs: fc.constantFrom(0, 0, HOUR_MS, 6 * HOUR_MS, DAY_MS, DAY_MS, 7 * DAY_MS),
    lateMs: fc.constantFrom(0, 0, 0, HOUR_MS, DAY_MS),
  });
  return fc
    .array(roundDraft, { minLength: 1, maxLength: length })
    .map((drafts) => build(drafts.map(({ draft: base, ...rest }) => ({ ...base, ...rest }))));
}

function build(drafts: readonly Draft[]): readonly Step[] {
  const steps: Step[] = [];
  const payments: { readonly arrival: Arrival; readonly outcome: Outcome }[] = [];
  const inForce = new Map<number, Label>();
  let nowMs = NOON_MS;
  let seq = 0;
  for (const draft of drafts) {
    nowMs += draft.waitMs;
    seq++;
    const target = draft.labels === undefined ? undefined : payments.at(-1 - draft.labels);
    if (target !== undefined) {
      const label = aLabelOf(target, seq, nowMs, draft, inForce.get(target.arrival.seq));
      inForce.set(target.arrival.seq, labelInForce(inForce.get(target.arrival.seq), label.label));
      steps.push({ type: 'label', label });
      continue;
    }
    const payment = { arrival: anArrivalOf(draft, seq, nowMs), outcome: draft.outcome };
    payments.push(payment);
    steps.push({ type: 'payment', ...payment });
  }
  return steps;
}

function anArrivalOf(draft: Draft, seq: number, nowMs: number): Arrival {
  const place = PLACES[draft.country];
  return anArrival({
    seq,
    arrivalMs: nowMs,
    transaction: aTransaction({
      transactionId: `tx-${seq}`,
      userId: `user-${draft.user}`,
      merchantId: `merchant-${draft.merchant}`,
      merchantCategory: CATEGORIES[draft.country % 3]!,
      amountMinor: draft.amountMinor,
      eventTimeMs: nowMs - draft.lateMs,
      cardId: `card-${draft.user}`,
      ...(draft.device === 0 ? {} : { deviceId: `device-${draft.device}`, deviceType: 'mobile' }),
      ...(draft.ip === 0 ? {} : { ipAddress: `10.0.0.${draft.ip}` }),
      ...(place === undefined
        ? {}
        : { locationCountry: COUNTRIES[draft.country]!, latitude: place[0], longitude: place[1] }),
    }),
  });
}

function aLabelOf(
  { arrival, outcome }: { readonly arrival: Arrival; readonly outcome: Outcome },
  seq: number,
  arrivalMs: number,
  draft: Draft,
  previous: Label | undefined,
): LabelArrival {
  const { transaction } = arrival;
  const entities: Partial<Record<EntityKind, string>> = {
    user: transaction.userId,
    merchant: transaction.merchantId,
    ...(transaction.cardId === undefined ? {} : { card: transaction.cardId }),
    ...(transaction.deviceId === undefined ? {} : { device: transaction.deviceId }),
    ...(transaction.ipAddress === undefined ? {} : { ip: transaction.ipAddress }),
  };
  return {
    seq,
    label: {
      transactionId: transaction.transactionId,
      isFraud: draft.isFraud,
      source: LABEL_SOURCES[draft.source]!,
      arrivalMs,
    },
    payment: {
      seq: arrival.seq,
      eventTimeMs: effectiveTimeMs(arrival),
      amountBaseMinor: arrival.amountBaseMinor,
      entities,
      merchantCategory: transaction.merchantCategory,
      blocked: outcome === 'block',
    },
    ...(previous === undefined ? {} : { previous }),
  };
}
