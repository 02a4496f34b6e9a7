import { describe, expect, it } from 'vitest';
import { type Given } from '../../src/cli/command.ts';
import { momentOf } from '../../src/cli/moments.ts';

const given = (text?: string): Given => ({ optionalText: () => text }) as Partial<Given> as Given; // nothing else is asked

describe('a moment on the command line', () => {
  it.each([
    ['2025-01-03', Date.UTC(2025, 0, 3)],
    ['2025-01-03T10:00:00Z', Date.UTC(2025, 0, 3, 10)],
    ['2025-01-03 10:00:00Z', Date.UTC(2025, 0, 3, 10)],
    ['2025-01-03t10:00:00+02:00', Date.UTC(2025, 0, 3, 8)],
  ])('is a day or a time as RFC 3339 writes it: %s', (text, expected) => {
    expect(momentOf(given(text), 'from')).toBe(expected);
  });

  it('may be left out', () => {
    expect(momentOf(given(), 'from')).toBeUndefined();
  });

  it.each(['soon', '2025-01-03 10:00:00', '2025-02-30'])('is refused with the form it should have: %s', (text) => {
    expect(() => momentOf(given(text), 'from')).toThrow(
      `--from: expected a day or an RFC 3339 time, as 2025-01-03 or 2025-01-03T10:00:00Z, got "${text}"`,
    );
  });
});
