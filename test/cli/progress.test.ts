import { describe, expect, it } from 'vitest';
import { startProgress } from '../../src/cli/progress.ts';
import { collector } from '../support/command-lines.ts';

function aDisplay(isTerminal: boolean, total?: number) {
  const { stream, text } = collector();
  let now = 5_000;
  const progress = startProgress({ stream, isTerminal, nowMs: () => now }, 'Reading', total);
  const at = (ms: number, done: number): void => {
    now = 5_000 + ms;
    progress.update(done);
  };
  return { progress, at, text };
}

describe('progress where there is no terminal', () => {
  it('is a line after a second and then every five, with rate and time left', () => {
    const { at, progress, text } = aDisplay(false, 1_000_000);
    at(500, 100_000);
    at(1_000, 200_000);
    at(3_000, 500_000);
    at(6_500, 900_000);
    at(8_000, 1_000_000);
    progress.finish();
    expect(text().split('\n')).toEqual([
      'Reading: 20 % · 200,000 of 1,000,000 rows · 200,000/s · 4.0 s left',
      'Reading: 90 % · 900,000 of 1,000,000 rows · 138,462/s · 0.7 s left',
      'Reading: 1,000,000 rows in 8.0 s',
      '',
    ]);
  });

  it('says nothing about work that took less than a second', () => {
    const { at, progress, text } = aDisplay(false, 10);
    at(900, 10);
    progress.finish();
    expect(text()).toBe('');
  });

  it('counts when the total is unknown, on a terminal as well', () => {
    for (const isTerminal of [false, true]) {
      const { at, text } = aDisplay(isTerminal);
      at(2_000, 4_000);
      expect(text()).toBe('Reading: 4,000 rows · 2,000/s\n');
    }
  });
});

describe('progress on a terminal', () => {
  it('leaves one line behind', () => {
    const { at, progress, text } = aDisplay(true, 100);
    at(120_000, 100);
    progress.finish();
    expect(text().endsWith('Reading: 100 rows in 2 min\n')).toBe(true);
  });
});
