import { expect, it } from 'vitest';
import { settingsOf } from '../../src/cli/training-data.ts';
import { SENTINEL_MAPPING } from '../../src/datasets/mappings/sentinel.ts';
import { anEngine, named, vectorOf } from '../support/engines.ts';
import { anArrival, aTransaction, NOON_MS } from '../support/transactions.ts';

it('means hours in the zone of the mapping', () => {
  const hourAt = (utcOffsetMinutes: number): number => {
    const engine = anEngine(settingsOf({ ...SENTINEL_MAPPING, utcOffsetMinutes }));
    const arrival = anArrival({ transaction: aTransaction({ eventTimeMs: NOON_MS }) });
    return named(engine, vectorOf(engine, arrival))['hour_of_day']!;
  };
  expect([hourAt(0), hourAt(330), hourAt(-300)]).toEqual([12, 17, 7]);
});
