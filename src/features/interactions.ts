/** Features of two fields together: amount by card type and by hour, and how far billing lies from shipping. */
import { DAY_MS } from '../domain/time.ts';
import { type AttributeValue } from '../domain/transaction.ts';
import { type Feature, ratio, toMajor } from './context.ts';
import { MINOR_PER_MAJOR } from './feature.ts';
import { money, round } from './phrases.ts';
import { haversineKm } from './place.ts';
import { isNight } from './temporal.ts';

const common = { family: 'interactions', kind: 'numeric', whenEmpty: NaN, whenMissing: NaN } as const;

/** The number under `name`, when it lies within ±bound. */
function degrees(attributes: Readonly<Record<string, AttributeValue>>, name: string, bound: number): number {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return typeof value === 'number' && Math.abs(value) <= bound ? value : NaN;
}

export const INTERACTION_FEATURES: readonly Feature[] = [
  {
    ...common,
    name: 'amount_to_card_type_avg_ratio',
    windowMs: 30 * DAY_MS,
    unit: 'ratio',
    formula: 'amount / mean amount of the card type in the published tables',
    description: 'The amount against what is usual for the card type.',
    compute: ({ amountMinor, entries }) => ratio(amountMinor, entries.card_type.meanAmount * MINOR_PER_MAJOR),
    say: (value) => `Amount is ${round(value)} times what is usual for this card type`,
  },
  {
    ...common,
    name: 'amount_to_hour_avg_ratio',
    windowMs: 30 * DAY_MS,
    unit: 'ratio',
    formula: 'amount / mean amount at this hour of the day in the published tables',
    description: 'The amount against what is usual at this hour.',
    compute: ({ amountMinor, entries }) => ratio(amountMinor, entries.hour_of_day.meanAmount * MINOR_PER_MAJOR),
    say: (value) => `Amount is ${round(value)} times what is usual at this hour`,
  },
  {
    ...common,
    name: 'amount_at_night',
    unit: 'base currency',
    formula: 'amount at night, else 0',
    description: 'The amount when it is paid at night.',
    compute: ({ amountMinor, localMs }) => (isNight(localMs) ? toMajor(amountMinor) : 0),
    say: (value) => (value === 0 ? 'Not paid at night' : `${money(value)} paid at night`),
  },
  {
    ...common,
    name: 'billing_shipping_distance_km',
    unit: 'km',
    formula:
      'great-circle distance between attributes billing_latitude, billing_longitude and shipping_latitude, shipping_longitude',
    description: 'How far the billing address lies from the shipping address.',
    compute: ({ transaction: { attributes } }) =>
      attributes === undefined
        ? NaN
        : haversineKm(
            degrees(attributes, 'billing_latitude', 90),
            degrees(attributes, 'billing_longitude', 180),
            degrees(attributes, 'shipping_latitude', 90),
            degrees(attributes, 'shipping_longitude', 180),
          ),
    say: (value) => `Shipping ${round(value)} km from the billing address`,
  },
];
