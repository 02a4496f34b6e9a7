/** RFC 3339 texts to and from epoch milliseconds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRfc3339, parseRfc3339, spanText } from '../../src/domain/time.ts';

describe('parseRfc3339', () => {
  it('undoes formatRfc3339 for every millisecond of the years 0 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (epochMs) => {
        expect(parseRfc3339(formatRfc3339(epochMs))).toBe(epochMs);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['2026-01-15T10:30:00Z', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15t10:30:00z', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15 10:30:00+02:00', '2026-01-15T08:30:00.000Z'],
    ['2026-01-01T00:30:00.5+01:00', '2025-12-31T23:30:00.500Z'],
    ['2026-01-15T10:30:00.12-05:30', '2026-01-15T16:00:00.120Z'],
    ['2026-01-15T10:30:00.123456789Z', '2026-01-15T10:30:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseRfc3339(text)).toBe(Date.parse(expected));
  });

  it.each([
    '',
    '2026-01-15',
    '2026-01-15T10:30:00',
    '2026-01-15T10:30Z',
    '2026-1-15T10:30:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-15T24:00:00Z',
    '2026-01-15T10:60:00Z',
    '2026-01-15T10:30:60Z',
    '2026-01-15T10:30:00.Z',
    '2026-01-15T10:30:00.1234567891Z',
    '2026-01-15T10:30:00+2:00',
    '2026-01-15T10:30:00+24:00',
    '2026-01-15T10:30:00+02:60',
    '2026-01-15T10:30:00+0200',
    '2026-01-15T10:30:00Zx',
    '2026-01-15X10:30:00Z',
    '+026-01-15T10:30:00Z',
    '２026-01-15T10:30:00Z',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });
});

describe('spanText', () => {
  it.each([
    [7 * 86_400_000, '7 days'],
    [86_400_000, '1 day'],
    [5_400_000, '1.5 hours'],
    [168_000, '2.8 minutes'],
    [900, '0.9 seconds'],
  ])('says %i ms as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});
