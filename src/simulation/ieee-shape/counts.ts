/** The many counts and sums of the IEEE-CIS shape: a few hidden quantities, each said by several columns. */
import { type Random } from '../../stats/random.ts';
import { type MissingShare, V_BLOCKS } from './missing.ts';

/** Of the columns of a block, as many as this say something of their own; the others repeat one of them. */
const OWN_SHARE = 0.35;
/** Share of rows in which a hidden count is 0. */
const ZERO_SHARE = 0.6;
/** Every so many blocks a thief shows in the first hidden count. */
const TELLING_BLOCKS = 4;
const THIEF_FACTOR = 1.6;

interface Block {
  readonly columns: number;
  readonly hidden: number;
  readonly missing: MissingShare;
  readonly isAmount: boolean;
  readonly isTelling: boolean;
}

const BLOCKS: readonly Block[] = V_BLOCKS.map(({ last, missing, isAmount }, index) => {
  const columns = last - (V_BLOCKS[index - 1]?.last ?? 0);
  const hidden = Math.max(2, Math.round(columns * OWN_SHARE));
  return { columns, hidden, missing, isAmount, isTelling: index % TELLING_BLOCKS === 1 };
});

/** Cents, as the files write amounts. */
const cents = (value: number): string => String(Math.round(value * 100) / 100);

/** Appends the cells V1 to V339, each after a comma. */
export function countCells(random: Random, isW: boolean, activity: number, isFraud: boolean): string {
  let cells = '';
  for (const { columns, hidden, missing, isAmount, isTelling } of BLOCKS) {
    if (random.next() < (isW ? missing.w : missing.other)) {
      cells += ','.repeat(columns);
      continue;
    }
    const counts: number[] = [];
    for (let k = 0; k < hidden; k++) {
      const factor = isFraud && isTelling && k === 0 ? THIEF_FACTOR : 1;
      const isZero = random.next() >= (1 - ZERO_SHARE) * factor;
      counts.push(isZero ? 0 : 1 + Math.floor(random.exponential(2 * activity * factor)));
    }
    for (let column = 0; column < columns; column++) {
      const count = counts[column % hidden]!;
      const repeat = Math.floor(column / hidden);
      if (isAmount) cells += `,${count === 0 ? '0.0' : cents(count * 37.95 * (repeat + 1))}`;
      else cells += `,${count + (repeat === 1 && count > 0 && random.next() < 0.02 ? 1 : 0)}.0`;
    }
  }
  return cells;
}
