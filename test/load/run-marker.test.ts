import { afterEach, describe, expect, it, vi } from 'vitest';
import { runMarker } from '../../src/load/run-marker.ts';

describe('runMarker', () => {
  afterEach(() => void vi.useRealTimers());

  it('holds no digit and is another at another time', () => {
    vi.useFakeTimers();
    const markers = Array.from({ length: 2_000 }, (_, index) => {
      vi.setSystemTime(Date.UTC(2026, 0, 1) + index * 12_345_678);
      return runMarker('load');
    });
    for (const marker of markers) expect(marker).toMatch(/^load-[a-z]+-[a-z]+-$/);
    expect(new Set(markers).size).toBe(markers.length);
  });
});
