/** Files of the IEEE-CIS shape: the same columns, gaps and shares, made from a seed. */
import { describe, expect, it } from 'vitest';
import { IDENTITY_COLUMNS, TRANSACTION_COLUMNS } from '../../../src/datasets/mappings/ieee-columns.ts';
import {
  createIeeeShape,
  IEEE_IDENTITY_HEADER,
  IEEE_TRANSACTION_HEADER,
} from '../../../src/simulation/ieee-shape/shape.ts';

const ROWS = 8_000;
const rows = [...createIeeeShape({ seed: 1, rows: ROWS })];
const names = IEEE_TRANSACTION_HEADER.split(',');
const cells = rows.map(({ transaction }) => transaction.split(','));
const columnOf = (name: string): readonly string[] => cells.map((row) => row[names.indexOf(name)]!);
const emptyShare = (name: string): number => columnOf(name).filter((cell) => cell === '').length / ROWS;

describe('a file of the IEEE-CIS shape', () => {
  it('has the columns of the mapping in their order', () => {
    expect(names).toEqual(TRANSACTION_COLUMNS.map(({ name }) => name));
    expect(IEEE_IDENTITY_HEADER.split(',')).toEqual(['TransactionID', ...IDENTITY_COLUMNS.map(({ name }) => name)]);
  });

  it('gives every row as many cells as its header, of the column’s type', () => {
    expect(new Set(cells.map((row) => row.length))).toEqual(new Set([394]));
    const identities = rows.flatMap(({ identity }) => identity ?? []);
    expect(new Set(identities.map((line) => line.split(',').length))).toEqual(new Set([41]));
    const numbers = TRANSACTION_COLUMNS.filter(({ type }) => type === 'number').map(({ name }) => names.indexOf(name));
    for (const row of cells.slice(0, 300)) for (const column of numbers) expect(Number(row[column])).not.toBeNaN();
  });

  it('is empty as often as the published file', () => {
    for (const [name, share] of Object.entries({ D7: 0.934, dist1: 0.597, addr1: 0.111, V1: 0.473, V140: 0.861, V300: 0, C1: 0 })) {
      expect(emptyShare(name), name).toBeGreaterThan(share - 0.03);
      expect(emptyShare(name), name).toBeLessThan(share + 0.03);
    }
    expect(rows.filter(({ identity }) => identity !== undefined).length / ROWS).toBeCloseTo(0.244, 1);
  }); // prettier-ignore

  it('leaves columns of one block empty together', () => {
    const [first, last] = [columnOf('V138'), columnOf('V158')];
    expect(first.every((cell, row) => (cell === '') === (last[row] === ''))).toBe(true);
  });

  it('has about 3.5 % frauds, and times that rise over half a year', () => {
    const share = rows.filter(({ isFraud }) => isFraud).length / ROWS;
    expect(share).toBeGreaterThan(0.025);
    expect(share).toBeLessThan(0.045);
    const times = columnOf('TransactionDT').map(Number);
    expect(times.every((time, row) => row === 0 || time >= times[row - 1]!)).toBe(true);
    expect(times.at(-1)).toBeLessThan(183 * 86_400);
    expect(times.at(-1)).toBeGreaterThan(170 * 86_400);
  });

  it('keeps the first day of a card’s owner the same at each of his payments', () => {
    const [card, region, time, since] = ['card1', 'addr1', 'TransactionDT', 'D1'].map(columnOf);
    const firstDays = new Map<string, Set<number>>();
    cells.forEach((_, row) => {
      if (region![row] === '' || since![row] === '') return;
      const owner = `${card![row]} ${region![row]}`;
      const day = Math.floor(Number(time![row]) / 86_400) - Number(since![row]);
      firstDays.set(owner, (firstDays.get(owner) ?? new Set()).add(day));
    });
    const several = [...firstDays.values()].filter((days) => days.size > 1).length;
    expect(several / firstDays.size).toBeLessThan(0.01); // two owners may share card number and region
  });

  it('is the same from the same seed, and another from another', () => {
    expect([...createIeeeShape({ seed: 1, rows: 50 })]).toEqual([...createIeeeShape({ seed: 1, rows: 50 })]);
    expect([...createIeeeShape({ seed: 2, rows: 50 })]).not.toEqual([...createIeeeShape({ seed: 1, rows: 50 })]);
  });
});
