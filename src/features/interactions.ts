/** Features of two fields together: amount by card type and by hour, and how far billing lies from shipping. */
import { DAY_MS } from '../domain/time.ts';
import { type AttributeValue } from '../domain/transaction.ts';
import { type FeatureContext, type FeatureGroup, ratio, toMajor } from './context.ts';
import { MINOR_PER_MAJOR } from './feature.ts';
import { round } from './phrases.ts';
import { haversineKm } from './place.ts';
import { isNight } from './temporal.ts';

const common = { family: 'interactions', kind: 'numeric', whenEmpty: NaN, whenMissing: NaN } as const;

/** The number under `name`, when it lies within ±bound. */
function degrees(attributes: Readonly<Record<string, AttributeValue>>, name: string, bound: number): number {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return typeof value === 'number' && Math.abs(value) <= bound ? value : NaN;
}

export const INTERACTIONS: FeatureGroup = {
  write,
  features: [
    {
      ...common,
      name: 'amount_to_card_type_avg_ratio',
      windowMs: 30 * DAY_MS,
      unit: 'ratio',
      formula: 'amount / mean amount of the card type in the published tables',
      description: 'The amount against what is usual for the card type.',
      say: (value) => `Amount is ${round(value)} times what is usual for this card type`,
    },
    {
      ...common,
      name: 'amount_to_hour_avg_ratio',
      windowMs: 30 * DAY_MS,
      unit: 'ratio',
      formula: 'amount / mean amount at this hour of the day in the published tables',
      description: 'The amount against what is usual at this hour.',
      say: (value) => `Amount is ${round(value)} times what is usual at this hour`,
    },
    {
      ...common,
      name: 'amount_at_night',
      unit: 'base currency',
      formula: 'amount at night, else 0',
      description: 'The amount when it is paid at night.',
      say: (value, { money }) => (value === 0 ? 'Not paid at night' : `${money(value)} paid at night`),
    },
    {
      ...common,
      name: 'billing_shipping_distance_km',
      unit: 'km',
      formula:
        'great-circle distance between attributes billing_latitude, billing_longitude and shipping_latitude, shipping_longitude',
      description: 'How far the billing address lies from the shipping address.',
      say: (value) => `Shipping ${round(value)} km from the billing address`,
    },
  ],
};

function write({ amountMinor, localMs, words, transaction }: FeatureContext, out: Float64Array, at: number): void {
  const { attributes } = transaction;
  out[at] = ratio(amountMinor, words.card_type.entry.meanAmount * MINOR_PER_MAJOR);
  out[at + 1] = ratio(amountMinor, words.hour_of_day.entry.meanAmount * MINOR_PER_MAJOR);
  out[at + 2] = isNight(localMs) ? toMajor(amountMinor) : 0;
  out[at + 3] = attributes === undefined ? NaN : billingToShippingKm(attributes);
}

function billingToShippingKm(attributes: Readonly<Record<string, AttributeValue>>): number {
  return haversineKm(
    degrees(attributes, 'billing_latitude', 90),
    degrees(attributes, 'billing_longitude', 180),
    degrees(attributes, 'shipping_latitude', 90),
    degrees(attributes, 'shipping_longitude', 180),
  );
}
