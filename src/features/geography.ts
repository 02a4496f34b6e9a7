/** Features of place: how far from the last payment and from home, how fast, and whether the country is the usual one. */
import { DAY_MS, HOUR_MS } from '../domain/time.ts';
import { type FeatureContext, type FeatureGroup } from './context.ts';
import { round } from './phrases.ts';
import { WALK_LIMIT } from './user-walk.ts';

const WALKED = `the customer’s newest ${WALK_LIMIT} payments of 30 days`;
/** Two payments closer in time than this are taken to be this far apart, so that a speed is never infinite. */
const SHORTEST_SPAN_MS = 60_000;

const ofUser = {
  family: 'geography',
  entity: 'user',
  windowMs: 30 * DAY_MS,
  kind: 'numeric',
  whenEmpty: NaN,
  whenMissing: NaN,
} as const;

export const GEOGRAPHY: FeatureGroup = {
  write,
  features: [
    {
      ...ofUser,
      name: 'distance_from_last_km',
      unit: 'km',
      formula: `great-circle distance to the newest place named among ${WALKED}`,
      description: 'Distance from the place of the last payment.',
      say: (value) => `${round(value)} km from the last payment`,
    },
    {
      ...ofUser,
      name: 'distance_from_home_km',
      unit: 'km',
      formula: `great-circle distance to the place of most of ${WALKED}, by majority vote of squares of 0.7° × 1.4°`,
      description: 'Distance from where the customer usually pays.',
      say: (value) => `${round(value)} km from where the customer usually pays`,
    },
    {
      ...ofUser,
      name: 'implied_speed_kmh',
      unit: 'km/h',
      formula: 'distance_from_last_km / hours since that payment, at least one minute',
      description: 'The speed of travel from the place of the last payment.',
      say: (value) => `Travelling from the last payment would take ${round(value)} km/h`,
    },
    {
      ...ofUser,
      name: 'country_mismatch',
      unit: 'flag',
      formula: `1 when the country differs from that of most of ${WALKED}, by majority vote, else 0`,
      whenEmpty: 0,
      description: "Whether the country is not the customer's usual one.",
      say: (value) => (value === 1 ? "Not the customer's usual country" : "The customer's usual country"),
    },
  ],
};

function write(context: FeatureContext, out: Float64Array, at: number): void {
  const { lanes, walk, fromLastKm } = context;
  const country = lanes.context & 0xffff;
  const spanMs = Math.max(context.timeMs - walk.lastPlaceMs, SHORTEST_SPAN_MS);
  out[at] = fromLastKm;
  out[at + 1] = context.fromHomeKm;
  out[at + 2] = (fromLastKm * HOUR_MS) / spanMs;
  if (country === 0) out[at + 3] = NaN;
  else out[at + 3] = walk.homeCountry !== 0 && walk.homeCountry !== country ? 1 : 0;
}
