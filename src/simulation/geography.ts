/** Where simulated people and merchants are. */
import { cumulative, pickIndex } from './derive.ts';

export interface City {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface Country {
  /** ISO 3166 alpha-2. */
  readonly code: string;
  /** Relative number of people. */
  readonly weight: number;
  readonly cities: readonly City[];
}

/** Coordinates are the city centres to a tenth of a degree. */
function country(code: string, weight: number, ...cities: readonly (readonly [string, number, number])[]): Country {
  return { code, weight, cities: cities.map(([name, latitude, longitude]) => ({ name, latitude, longitude })) };
}

export const COUNTRIES: readonly Country[] = [
  country('US', 30, ['New York', 40.7, -74], ['Chicago', 41.9, -87.6], ['Houston', 29.8, -95.4], ['Los Angeles', 34.1, -118.2]), // prettier-ignore
  country('GB', 10, ['London', 51.5, -0.1], ['Manchester', 53.5, -2.2], ['Glasgow', 55.9, -4.3]),
  country('DE', 10, ['Berlin', 52.5, 13.4], ['Hamburg', 53.6, 10], ['Munich', 48.1, 11.6]),
  country('FR', 8, ['Paris', 48.9, 2.4], ['Lyon', 45.8, 4.8], ['Lille', 50.6, 3.1]),
  country('ES', 6, ['Madrid', 40.4, -3.7], ['Barcelona', 41.4, 2.2]),
  country('IT', 6, ['Rome', 41.9, 12.5], ['Milan', 45.5, 9.2]),
  country('NL', 4, ['Amsterdam', 52.4, 4.9], ['Rotterdam', 51.9, 4.5]),
  country('PL', 4, ['Warsaw', 52.2, 21], ['Krakow', 50.1, 19.9]),
  country('CA', 5, ['Toronto', 43.7, -79.4], ['Vancouver', 49.3, -123.1]),
  country('BR', 5, ['Sao Paulo', -23.6, -46.6], ['Recife', -8.1, -34.9]),
  country('MX', 3, ['Mexico City', 19.4, -99.1], ['Monterrey', 25.7, -100.3]),
  country('JP', 3, ['Tokyo', 35.7, 139.7], ['Osaka', 34.7, 135.5]),
  country('AU', 2, ['Sydney', -33.9, 151.2], ['Perth', -31.9, 115.9]),
  country('IN', 2, ['Mumbai', 19.1, 72.9], ['Delhi', 28.7, 77.1]),
  country('RO', 1, ['Bucharest', 44.4, 26.1]),
  country('NG', 1, ['Lagos', 6.5, 3.4]),
];

const COUNTRY_TOTALS = cumulative(COUNTRIES.map(({ weight }) => weight));

/** Index of a country, by number of people. */
export function pickCountry(unit: number): number {
  return pickIndex(COUNTRY_TOTALS, unit);
}

/** Index of a country other than `home`. */
export function pickForeignCountry(home: number, unit: number): number {
  const drawn = pickCountry(unit);
  return drawn === home ? (home + 1 + Math.floor(unit * (COUNTRIES.length - 1))) % COUNTRIES.length : drawn;
}

/** A place as it stands in a payment; degrees. */
export interface Place {
  readonly country: number;
  readonly city: number;
  readonly latitude: number;
  readonly longitude: number;
}

/** About 11 metres; what a payment states. */
const DEGREE_STEPS = 10_000;

/** The place at (east, north) degrees from a city's centre. */
export function placeNear(country: number, city: number, north: number, east: number): Place {
  const centre = COUNTRIES[country]!.cities[city]!;
  return {
    country,
    city,
    latitude: Math.round((centre.latitude + north) * DEGREE_STEPS) / DEGREE_STEPS,
    longitude: Math.round((centre.longitude + east) * DEGREE_STEPS) / DEGREE_STEPS,
  };
}
