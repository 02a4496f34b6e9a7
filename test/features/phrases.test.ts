/** Numbers in sentences: the digits that `toFixed` gives, in groups of three. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { money, round } from '../../src/features/phrases.ts';

function grouped(value: number, decimals: number): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const digits = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '-' : ''}${digits}${fraction === undefined ? '' : `.${fraction}`}`;
}

const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }),
  fc.double({ noNaN: true, min: -20, max: 20 }),
  fc.integer({ min: -200_000_000, max: 200_000_000 }).map((cents) => cents / 100),
  fc.integer({ min: -2_000_000, max: 2_000_000 }).map((halves) => halves / 1000 + 0.005),
  fc.constantFrom(0, -0, 0.05, 0.25, 0.35, 1.005, 8.345, 9.95, 999.995, 999.5, 2 ** 31, 21_474_836.475, 1e19),
);

it('puts money to the cent', () => {
  expect([money(0), money(999.99), money(1_000), money(-1_234_567.5)]).toEqual(['0.00', '999.99', '1,000.00', '-1,234,567.50']); // prettier-ignore
  fc.assert(
    fc.property(values, (value) => money(value) === grouped(value, 2)),
    { numRuns: 2_000 },
  );
});

it('rounds to a tenth below 10 and to whole numbers from there', () => {
  expect([round(2.96), round(2.94), round(0.35), round(12.5), round(1_234.4)]).toEqual(['3', '2.9', '0.3', '13', '1,234']); // prettier-ignore
  const decimals = (value: number): number =>
    Math.abs(value) >= 10 || Number.isInteger(Math.round(value * 10) / 10) ? 0 : 1;
  fc.assert(
    fc.property(values, (value) => round(value) === grouped(value, decimals(value))),
    { numRuns: 2_000 },
  );
});
