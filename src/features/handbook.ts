/** The fifteen features of the Fraud Detection Handbook under their published names. */
import { DAY_MS } from '../domain/time.ts';
import { type Feature, type FeatureContext, type FeatureGroup, toMajor } from './context.ts';
import { DAY, LABEL_WINDOWS, MONTH, WEEK } from './entity-view.ts';
import { dayOfWeek, hourOfDay } from './event-time.ts';
import { count, percent } from './phrases.ts';

/** Source: Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection", 2022, chapter 3.5. */
const LAST_NIGHT_HOUR = 6;
const FIRST_WEEKEND_DAY = 5;

const common = { kind: 'numeric', whenMissing: NaN } as const;
const DAYS = [
  { days: 1, payments: DAY, labels: 0 },
  { days: 7, payments: WEEK, labels: 1 },
  { days: 30, payments: MONTH, labels: LABEL_WINDOWS.length - 1 },
] as const;

const words = (days: number): string => (days === 1 ? 'the last day' : `the last ${days} days`);

const customer = DAYS.flatMap(({ days }): readonly Feature[] => [
  {
    ...common,
    name: `CUSTOMER_ID_NB_TX_${days}DAY_WINDOW`,
    family: 'velocity',
    entity: 'user',
    windowMs: days * DAY_MS,
    unit: 'payments',
    formula: `payments of the customer with time in (t − ${days}d, t], this one included`,
    whenEmpty: 1,
    description: `Payments of the customer in ${words(days)}, this one included.`,
    say: (value) => `${count(value, 'payment')} in ${words(days)}`,
  },
  {
    ...common,
    name: `CUSTOMER_ID_AVG_AMOUNT_${days}DAY_WINDOW`,
    family: 'amount',
    entity: 'user',
    windowMs: days * DAY_MS,
    unit: 'base currency',
    formula: `mean amount of the customer with time in (t − ${days}d, t], this one included`,
    whenEmpty: NaN,
    description: `Mean amount of the customer in ${words(days)}, this payment included.`,
    say: (value, { money }) => `The customer's payments of ${words(days)} average ${money(value)}`,
  },
]);

const terminal = DAYS.flatMap(({ days }): readonly Feature[] => [
  {
    ...common,
    name: `TERMINAL_ID_NB_TX_${days}DAY_WINDOW`,
    family: 'risk',
    entity: 'merchant',
    windowMs: days * DAY_MS,
    unit: 'payments',
    formula: `payments at the terminal with time in (t − D − ${days}d, t − D], D the label delay`,
    whenEmpty: 0,
    description: `Payments at the terminal in the ${days} days that end a label delay ago.`,
    say: (value) => `${count(value, 'payment')} at this terminal became known in ${words(days)}`,
  },
  {
    ...common,
    name: `TERMINAL_ID_RISK_${days}DAY_WINDOW`,
    family: 'risk',
    entity: 'merchant',
    windowMs: days * DAY_MS,
    unit: 'share',
    formula: `frauds / payments over the window of TERMINAL_ID_NB_TX_${days}DAY_WINDOW; 0 when it is empty`,
    whenEmpty: 0,
    description: `Share of fraud at the terminal in the ${days} days that end a label delay ago.`,
    say: (value) => `${percent(value)} of what became known of this terminal in ${words(days)} was fraud`,
  },
]);

export const HANDBOOK: FeatureGroup = {
  write,
  features: [
    {
      ...common,
      name: 'TX_AMOUNT',
      family: 'transaction',
      unit: 'base currency',
      formula: 'amount in base-currency minor units / 100',
      whenEmpty: NaN,
      description: 'The amount.',
      say: (value, { money }) => `Amount of ${money(value)}`,
    },
    {
      ...common,
      name: 'TX_DURING_WEEKEND',
      family: 'temporal',
      unit: 'flag',
      formula: '1 when the weekday, Monday 0, is ≥ 5, else 0',
      whenEmpty: NaN,
      description: 'Whether it is weekend.',
      say: (value) => (value === 1 ? 'Paid at the weekend' : 'Paid on a working day'),
    },
    {
      ...common,
      name: 'TX_DURING_NIGHT',
      family: 'temporal',
      unit: 'flag',
      formula: '1 when the hour is ≤ 6, else 0',
      whenEmpty: NaN,
      description: 'Whether it is night.',
      say: (value) => (value === 1 ? 'Paid at night' : 'Paid by day'),
    },
    ...customer,
    ...terminal,
  ],
};

function write(context: FeatureContext, out: Float64Array, at: number): void {
  const { amountMinor, localMs } = context;
  const { user, merchant } = context.views;
  out[at] = toMajor(amountMinor);
  out[at + 1] = dayOfWeek(localMs) >= FIRST_WEEKEND_DAY ? 1 : 0;
  out[at + 2] = hourOfDay(localMs) <= LAST_NIGHT_HOUR ? 1 : 0;
  let next = at + 3;
  for (const { payments } of DAYS) {
    const count = user.payments[payments]! + 1;
    out[next++] = count;
    out[next++] = toMajor((user.amounts[payments]! + amountMinor) / count);
  }
  for (const { labels } of DAYS) {
    const known = merchant.known[labels]!;
    out[next++] = known;
    out[next++] = known === 0 ? 0 : merchant.frauds[labels]! / known;
  }
}
