/** The features again, from plain lists and filters: slow, obvious, and sharing no code with the engine's profiles. */
import { ENTITY_KINDS, type EntityKind, entityId } from '../../src/domain/entity.ts';
import { type Label, labelInForce } from '../../src/domain/label.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { type Arrival, type Transaction } from '../../src/domain/transaction.ts';
import { type Step } from './histories.ts';

interface Payment {
  readonly seq: number;
  readonly timeMs: number;
  readonly amountMinor: number;
  readonly blocked: boolean;
  readonly transaction: Transaction;
  /** When it became known by its first label, and what is in force. */
  firstLabelMs?: number;
  label?: Label;
}

const WINDOWS = { '1h': HOUR_MS, '6h': 6 * HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
const LABEL_WINDOWS = { '1d': DAY_MS, '7d': 7 * DAY_MS, '14d': 14 * DAY_MS, '30d': 30 * DAY_MS } as const;
const PRIOR = 0.005;

export interface NaiveSettings {
  readonly labelDelayMs: number;
  readonly merchantWindows: 'tiles' | 'exact';
}

/** The payments folded so far, with the labels that have arrived. */
export function paymentsOf(steps: readonly Step[]): readonly Payment[] {
  const payments: Payment[] = [];
  for (const step of steps) {
    if (step.type === 'payment') {
      const { arrival, outcome } = step;
      payments.push({
        seq: arrival.seq,
        timeMs: Math.max(arrival.transaction.eventTimeMs, arrival.arrivalMs - 24 * HOUR_MS),
        amountMinor: arrival.amountBaseMinor,
        blocked: outcome === 'block',
        transaction: arrival.transaction,
      });
    } else {
      const payment = payments.find(({ seq }) => seq === step.label.payment.seq)!;
      payment.firstLabelMs ??= step.label.label.arrivalMs;
      payment.label = labelInForce(payment.label, step.label.label);
    }
  }
  return payments;
}

/** Payments of one entity, by time, then by arrival. */
function ofEntity(payments: readonly Payment[], kind: EntityKind, transaction: Transaction): readonly Payment[] {
  const id = entityId(transaction, kind);
  return payments
    .filter((payment) => id !== undefined && entityId(payment.transaction, kind) === id)
    .sort((a, b) => a.timeMs - b.timeMs || a.seq - b.seq);
}

const floorTo = (timeMs: number, stepMs: number): number => Math.floor(timeMs / stepMs) * stepMs;

function inWindow(payments: readonly Payment[], t: number, windowMs: number, tiled: boolean): readonly Payment[] {
  if (!tiled) return payments.filter(({ timeMs }) => timeMs > t - windowMs && timeMs <= t);
  const stepMs = windowMs <= 6 * HOUR_MS ? 5 * MINUTE_MS : windowMs <= 7 * DAY_MS ? HOUR_MS : DAY_MS;
  const later = new Set(
    payments.filter(({ timeMs }) => timeMs > t).map(({ timeMs }) => floorTo(timeMs, 5 * MINUTE_MS)),
  );
  return payments.filter(
    ({ timeMs }) =>
      timeMs <= t && timeMs >= floorTo(t - windowMs, stepMs) && !later.has(floorTo(timeMs, 5 * MINUTE_MS)),
  );
}

/** When a payment is known from; Infinity when it is not. */
function knownFrom(payment: Payment, labelDelayMs: number): number {
  const silent = payment.blocked ? Infinity : payment.timeMs + labelDelayMs;
  return Math.min(payment.firstLabelMs ?? Infinity, silent);
}

function known(
  payments: readonly Payment[],
  t: number,
  windowMs: number,
  { labelDelayMs }: NaiveSettings,
  tiled: boolean,
): readonly Payment[] {
  // prettier-ignore
  return payments.filter((payment) => {
    if (tiled && payment.firstLabelMs === undefined) {
      const { timeMs, blocked } = payment;
      const to = floorTo(t - labelDelayMs, DAY_MS);
      return !blocked && timeMs < to && timeMs >= floorTo(t - windowMs - labelDelayMs, DAY_MS);
    }
    const fromMs = knownFrom(payment, labelDelayMs);
    return fromMs <= t && fromMs > t - windowMs;
  });
}

const isFraud = ({ label }: Payment): boolean => label?.isFraud === true;
const distinct = (values: readonly (string | undefined)[]): number =>
  new Set(values.filter((value) => value !== undefined)).size;
/** Exact: bigint keeps every unit. */
const sumMinor = (payments: readonly Payment[]): number =>
  Number(payments.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n));

function ofLabels(
  kind: EntityKind,
  payments: readonly Payment[],
  t: number,
  settings: NaiveSettings,
  tiled: boolean,
): Record<string, number> {
  // prettier-ignore
  const result: Record<string, number> = {};
  for (const [suffix, windowMs] of Object.entries(LABEL_WINDOWS)) {
    const inside = known(payments, t, windowMs, settings, tiled);
    const frauds = inside.filter(isFraud).length;
    result[`${kind}_known_count_${suffix}`] = inside.length;
    result[`${kind}_fraud_count_${suffix}`] = frauds;
    result[`${kind}_risk_${suffix}`] = (frauds + 10 * PRIOR) / (inside.length + 10);
  }
  const inside = known(payments, t, 30 * DAY_MS, settings, tiled);
  const eventOf = (payment: Payment): number =>
    tiled && payment.firstLabelMs === undefined ? floorTo(payment.timeMs, DAY_MS) + DAY_MS : payment.timeMs;
  const lastGenuine = Math.max(...inside.filter((p) => !isFraud(p)).map(eventOf), -Infinity);
  const frauds = inside.filter(isFraud);
  const lastFraud = Math.max(...frauds.map(({ timeMs }) => timeMs), -Infinity);
  result[`${kind}_fraud_run`] = frauds.filter(({ timeMs }) => timeMs > lastGenuine).length;
  const run = frauds.filter(({ timeMs }) => timeMs > lastGenuine);
  result[`${kind}_fraud_run_age_days`] = run.length === 0 ? NaN : (t - Math.min(...run.map((p) => p.timeMs))) / DAY_MS;
  result[`${kind}_fraud_run_min_amount`] = run.length === 0 ? NaN : Math.min(...run.map((p) => p.amountMinor)) / 100;
  result[`${kind}_last_fraud_age_days`] = lastFraud === -Infinity ? NaN : (t - lastFraud) / DAY_MS;
  result[`${kind}_last_genuine_age_days`] = lastGenuine === -Infinity ? NaN : (t - lastGenuine) / DAY_MS;
  return result;
}

function ofUser(payments: readonly Payment[], t: number, arrival: Arrival): Record<string, number> {
  const { transaction, amountBaseMinor } = arrival;
  const month = inWindow(payments, t, 30 * DAY_MS, false);
  const week = inWindow(payments, t, 7 * DAY_MS, false);
  const day = inWindow(payments, t, DAY_MS, false);
  const amounts = month.map(({ amountMinor }) => amountMinor).sort((a, b) => a - b);
  const mean = sumMinor(week) / week.length;
  const deviation = Math.sqrt(week.reduce((sum, p) => sum + (p.amountMinor - mean) ** 2, 0) / week.length);
  const last = (pick: (transaction: Transaction) => string | undefined): string | undefined =>
    month.map((payment) => pick(payment.transaction)).findLast((value) => value !== undefined);
  const has = (pick: (transaction: Transaction) => string | undefined): number => {
    const wanted = pick(transaction);
    if (wanted === undefined) return NaN;
    return month.some((payment) => pick(payment.transaction) === wanted) ? 0 : 1;
  };
  const changed = (pick: (transaction: Transaction) => string | undefined): number => {
    if (pick(transaction) === undefined) return NaN;
    return last(pick) !== undefined && last(pick) !== pick(transaction) ? 1 : 0;
  };
  const merchantOf = ({ merchantId }: Transaction): string => merchantId;
  const count = (pick: (payment: Payment) => boolean): number => month.filter(pick).length;
  return {
    user_avg_amount_7d: mean / 100,
    user_avg_amount_30d: sumMinor(month) / month.length / 100,
    user_std_amount_7d: week.length === 0 ? NaN : deviation / 100,
    amount_to_avg_ratio: amountBaseMinor / mean,
    user_median_amount_30d: (amounts[(amounts.length - 1) >> 1] ?? NaN) / 100,
    amount_to_p95_ratio: amountBaseMinor / (amounts[Math.ceil(0.95 * amounts.length) - 1] ?? NaN),
    amount_to_max_ratio: amountBaseMinor / (amounts.at(-1) ?? NaN),
    amount_rank: amounts.length === 0 ? NaN : amounts.filter((a) => a < amountBaseMinor).length / amounts.length,
    user_max_to_median_ratio_7d:
      week.length === 0 ? NaN : Math.max(...week.map((p) => p.amountMinor)) / amounts[(amounts.length - 1) >> 1]!,
    user_large_amount_count_7d: week.filter((p) => p.amountMinor > 2.5 * amounts[(amounts.length - 1) >> 1]!).length,
    user_same_amount_count_30d: count(({ amountMinor }) => amountMinor === amountBaseMinor),
    device_change_flag: changed(({ deviceId }) => deviceId),
    location_change_flag: changed(({ locationCountry }) => locationCountry),
    is_new_device: has(({ deviceId }) => deviceId),
    is_new_country: has(({ locationCountry }) => locationCountry),
    is_new_ip: has(({ ipAddress }) => ipAddress),
    is_new_merchant: has(merchantOf),
    is_new_category: has(({ merchantCategory }) => merchantCategory),
    user_merchant_txn_count_30d: count((p) => p.transaction.merchantId === transaction.merchantId),
    user_category_txn_count_30d: count((p) => p.transaction.merchantCategory === transaction.merchantCategory),
    user_distinct_merchants_24h: distinct(day.map((p) => p.transaction.merchantId)),
    user_distinct_merchants_30d: distinct(month.map((p) => p.transaction.merchantId)),
    user_distinct_devices_30d: distinct(month.map((p) => p.transaction.deviceId)),
    user_distinct_countries_30d: distinct(month.map((p) => p.transaction.locationCountry)),
    user_distinct_ips_24h: distinct(day.map((p) => p.transaction.ipAddress)),
  };
}

/** Features of `arrival` after `steps`, by name: all that depend on history, except places and published tables. */
export function naiveFeatures(
  steps: readonly Step[],
  arrival: Arrival,
  settings: NaiveSettings,
): Record<string, number> {
  // prettier-ignore
  const payments = paymentsOf(steps);
  const { transaction } = arrival;
  const t = Math.max(transaction.eventTimeMs, arrival.arrivalMs - 24 * HOUR_MS);
  const result: Record<string, number> = {};
  for (const kind of ENTITY_KINDS) {
    const tiled = kind === 'ip' || (kind === 'merchant' && settings.merchantWindows === 'tiles');
    const own = ofEntity(payments, kind, transaction);
    const named = entityId(transaction, kind) !== undefined;
    const past = own.filter(({ timeMs }) => timeMs <= t);
    for (const [suffix, windowMs] of Object.entries(WINDOWS)) {
      const inside = inWindow(own, t, windowMs, tiled);
      result[`${kind}_txn_count_${suffix}`] = named ? inside.length : NaN;
      result[`${kind}_txn_amount_${suffix}`] = named ? sumMinor(inside) / 100 : NaN;
      if (!tiled) {
        result[`${kind}_distinct_users_${suffix}`] = named ? distinct(inside.map((p) => p.transaction.userId)) : NaN;
      }
    }
    result[kind === 'user' ? 'account_age_days' : `${kind}_age_days`] =
      !named ? NaN : past.length === 0 ? 0 : (t - past[0]!.timeMs) / DAY_MS; // prettier-ignore
    if (!tiled) {
      result[kind === 'user' ? 'time_since_last_txn' : `${kind}_time_since_last_txn`] =
        past.length === 0 ? NaN : (t - past.at(-1)!.timeMs) / 1000;
    }
    if (kind === 'user' || kind === 'merchant') Object.assign(result, ofLabels(kind, own, t, settings, tiled));
    else {
      const frauds = known(own, t, 30 * DAY_MS, settings, false).filter(isFraud).length;
      result[`${kind}_fraud_count_30d`] = named ? frauds : NaN;
    }
    if (kind === 'user') Object.assign(result, ofUser(own, t, arrival));
  }
  return result;
}
