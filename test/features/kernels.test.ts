import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDistinctCounter, estimateDistinct } from '../../src/features/distinct.ts';
import { createEntityIndex } from '../../src/features/entity-index.ts';
import { dayOfMonth, dayOfWeek, hourOfDay, localMs, shareOfDay } from '../../src/features/event-time.ts';
import { hash32, hashEntity } from '../../src/features/hash.ts';
import { money, round, span } from '../../src/features/phrases.ts';
import { arcSine, distanceKm, haversineKm, neighbourhood, NO_PLACE, packPlace } from '../../src/features/place.ts';
import { createSlab } from '../../src/features/slab.ts';

describe('the slab', () => {
  it('never gives the same word to two blocks, and takes blocks back', () => {
    const sizes = fc.array(fc.tuple(fc.constantFrom(3, 9, 24, 700, 20_000, 200_000), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, (requests) => {
        const slab = createSlab();
        const held: { address: number; words: number; mark: number }[] = [];
        for (const [mark, [words, release]] of requests.entries()) {
          const address = slab.allocate(words);
          expect(address).toBeGreaterThan(0);
          slab.doubles(address).fill(mark, slab.offset(address), slab.offset(address) + words);
          held.push({ address, words, mark });
          if (release) {
            const { address: freed, words: size } = held.shift()!;
            slab.release(freed, size);
          }
        }
        for (const { address, words, mark } of held) {
          const block = slab.doubles(address).subarray(slab.offset(address), slab.offset(address) + words);
          expect(block.length).toBe(words);
          expect(block.every((value) => value === mark)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('uses a block given back before taking new memory', () => {
    const slab = createSlab();
    const first = slab.allocate(10);
    slab.release(first, 10);
    expect(slab.allocate(12)).not.toBe(first);
    expect(slab.allocate(10)).toBe(first);
  });
});

describe('the index of entities', () => {
  it('finds what a Map would find, also after moves', () => {
    const slab = createSlab();
    const index = createEntityIndex(slab);
    const expected = new Map<string, number>();
    const key = new Uint32Array(4);
    const place = (): number => {
      const address = slab.allocate(2);
      slab.ints(address).set(key, slab.offset(address) * 2);
      return address;
    };
    for (let i = 0; i < 5_000; i++) {
      const id = `id-${(i * 7919) % 3000}`;
      hashEntity('card', id, key);
      expect(index.find(key)).toBe(expected.get(id) ?? 0);
      const address = place();
      if (expected.has(id)) index.move(key, expected.get(id)!, address);
      else index.add(key, address);
      expected.set(id, address);
    }
    expect(index.size()).toBe(3000);
    for (const [id, address] of expected) {
      hashEntity('card', id, key);
      expect(index.find(key)).toBe(address);
    }
    hashEntity('user', 'id-1', key);
    expect(index.find(key)).toBe(0);
  });
});

describe('hashes', () => {
  it('tell kinds, lengths and neighbours apart', () => {
    const seen = new Set<string>();
    const low = new Set<number>();
    const key = new Uint32Array(4);
    for (const kind of ['user', 'card', 'device', 'ip', 'merchant'] as const) {
      for (let i = 0; i < 20_000; i++) {
        hashEntity(kind, `${i}`, key);
        seen.add(key.join());
        if (kind === 'user') low.add(key[0]! & 0xffff);
      }
    }
    expect(seen.size).toBe(100_000);
    // 20,000 values thrown at 65,536 slots hit 65,536·(1 − e^−0.305) = 17,226 of them, give or take 60
    expect(Math.abs(low.size - 17_226)).toBeLessThan(300);
  });

  it('never give 0, which stands for none', () => {
    fc.assert(fc.property(fc.string(), (text) => hash32(text) > 0 && hash32(text) < 2 ** 32));
  });
});

describe('counting distinct values', () => {
  it('is exact up to the limit', () => {
    const counter = createDistinctCounter(128);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { maxLength: 128 }), (values) => {
        counter.clear();
        expect(values.filter((value) => counter.add(value)).length).toBe(new Set(values).size);
      }),
    );
  });

  it('estimates from bits by linear counting', () => {
    // −64 ln(1 − V/64), rounded
    expect(estimateDistinct(0, 0)).toBe(0);
    expect(estimateDistinct(1, 0)).toBe(1);
    expect(estimateDistinct(0xffffffff, 0)).toBe(44);
    expect(estimateDistinct(0xffffffff, 0x7fffffff)).toBe(266);
    expect(estimateDistinct(0xffffffff, 0xffffffff)).toBe(311);
  });
});

describe('the calendar', () => {
  it('agrees with Date in UTC', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        const ms = date.getTime();
        expect(hourOfDay(ms)).toBe(date.getUTCHours());
        expect(dayOfWeek(ms)).toBe((date.getUTCDay() + 6) % 7);
        expect(dayOfMonth(ms)).toBe(date.getUTCDate());
        expect(Math.abs(shareOfDay(ms) - (ms % 86_400_000) / 86_400_000)).toBeLessThan(1e-11);
      }),
    );
  });

  it('moves with the zone', () => {
    expect(hourOfDay(localMs(Date.UTC(2026, 0, 1, 23, 30), 60))).toBe(0);
    expect(dayOfMonth(localMs(Date.UTC(2026, 0, 1, 0, 30), -60))).toBe(31);
  });
});

describe('places', () => {
  it('lie as far apart as they do on the globe', () => {
    // half the circumference, a quarter, and one degree of the equator, R₁ = 6371.0088 km
    expect(haversineKm(0, 0, 0, 180)).toBeCloseTo(20015.114, 2);
    expect(haversineKm(90, 0, 0, 77)).toBeCloseTo(10007.557, 2);
    expect(haversineKm(0, 179.5, 0, -179.5)).toBeCloseTo(111.195, 2);
  });

  it('keep their distance when packed, to a kilometre', () => {
    const [newYork, berlin] = [packPlace(40.7128, -74.006), packPlace(52.52, 13.405)];
    expect(Math.abs(distanceKm(newYork, berlin) - haversineKm(40.7128, -74.006, 52.52, 13.405))).toBeLessThan(1);
    expect(distanceKm(newYork, newYork)).toBe(0);
  });

  it('never pack to the value of no place, and fall in neighbourhoods', () => {
    const degrees = fc.tuple(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true })); // prettier-ignore
    fc.assert(fc.property(degrees, ([north, east]) => packPlace(north, east) !== NO_PLACE));
    expect(neighbourhood(packPlace(40.71, -74))).toBe(neighbourhood(packPlace(40.75, -73.9)));
    expect(neighbourhood(packPlace(40.71, -74))).not.toBe(neighbourhood(packPlace(48.85, 2.35)));
  });

  it('find the arc sine within 3e-8', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (x) => Math.abs(arcSine(x) - Math.asin(x)) < 3e-8),
    );
  });
});

describe('phrases', () => {
  it('write numbers alike everywhere', () => {
    expect([round(0.04), round(0.25), round(9.96), round(1234567.8), round(-3.21)]).toEqual(['0', '0.3', '10', '1,234,568', '-3.2']); // prettier-ignore
    expect([money(0.5), money(1234567.891)]).toEqual(['0.50', '1,234,567.89']);
    expect([span(1000), span(90_000), span(7_200_000), span(86_400_000)]).toEqual(['1 second', '2 minutes', '2 hours', '1 day']); // prettier-ignore
  });
});
