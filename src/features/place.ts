/** Places on the globe: packed into 32 bits for the profiles, and the distance between two of them. */
import { cos, sin } from '../stats/elementary.ts';

/** Mean radius of the Earth, km. Source: IUGG, R₁. */
const EARTH_RADIUS_KM = 6371.0088;
const RADIANS_PER_DEGREE = 0.017453292519943295;
/** Steps of latitude and longitude in 16 bits each: at most 0.3 km and 0.6 km. */
const LATITUDE_STEPS = 0xfffe;
const LONGITUDE_STEPS = 0xfffe;

/** Below it two terms of the power series are closer than the polynomial: the rest is under 3x⁵/40. */
const SMALL_SINE = 0.04;

/** "No place": no packed place has this value. */
export const NO_PLACE = 0xffffffff;

/** Degrees into 32 bits, latitude in the upper half. */
export function packPlace(latitude: number, longitude: number): number {
  const north = Math.round(((latitude + 90) / 180) * LATITUDE_STEPS);
  const east = Math.round(((longitude + 180) / 360) * LONGITUDE_STEPS);
  return ((north << 16) | east) >>> 0;
}

/** The square of 256 steps (about 0.7° by 1.4°) a packed place lies in. */
export function neighbourhood(place: number): number {
  return ((place >>> 24) << 8) | ((place >>> 8) & 0xff);
}

/** Angle whose sine is x, 0 ≤ x ≤ 1, within 2e-8. Source: Abramowitz and Stegun, 1964, 4.4.46. */
export function arcSine(x: number): number {
  if (x < SMALL_SINE) return x * (1 + (x * x) / 6);
  const series =
    1.570796305 +
    x *
      (-0.2145988016 +
        x *
          (0.0889789874 +
            x * (-0.0501743046 + x * (0.030891881 + x * (-0.0170881256 + x * (0.0066700901 - 0.0012624911 * x))))));
  return 1.5707963267948966 - Math.sqrt(1 - x) * series;
}

/** Great-circle distance in km of two packed places, by the haversine formula. */
export function distanceKm(a: number, b: number): number {
  if (a === b) return 0;
  const north = ((a >>> 16) / LATITUDE_STEPS) * 180 - 90;
  const otherNorth = ((b >>> 16) / LATITUDE_STEPS) * 180 - 90;
  const east = ((a & 0xffff) / LONGITUDE_STEPS) * 360;
  const otherEast = ((b & 0xffff) / LONGITUDE_STEPS) * 360;
  return haversineKm(north, east, otherNorth, otherEast);
}

/** Great-circle distance in km of two points given in degrees. */
export function haversineKm(
  latitude: number,
  longitude: number,
  otherLatitude: number,
  otherLongitude: number,
): number {
  const halfNorth = sin(((otherLatitude - latitude) * RADIANS_PER_DEGREE) / 2);
  const halfEast = sin(((otherLongitude - longitude) * RADIANS_PER_DEGREE) / 2);
  const square =
    halfNorth * halfNorth +
    cos(latitude * RADIANS_PER_DEGREE) * cos(otherLatitude * RADIANS_PER_DEGREE) * halfEast * halfEast;
  return 2 * EARTH_RADIUS_KM * arcSine(Math.min(1, Math.sqrt(square)));
}
