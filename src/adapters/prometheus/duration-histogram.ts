/** Durations counted in logarithmic cells: a few nanoseconds an observation, quantiles within 6 %. */

/** Linear cells in each power of two; the widest is 1/8 of its value, its middle at most 1/16 away. */
const CELLS = 8;
const CELL_BITS = 3;
/** Durations from 2^31 µs (36 minutes) on share the last power. */
const POWERS = 32;

export interface DurationHistogram {
  /** Microseconds; below 0 counts as 0. */
  observe(durationUs: number): void;
  readonly count: number;
  readonly sumUs: number;
  /** How many were shorter than 2^`power` µs. */
  below(power: number): number;
  /** The duration at quantile `q` (0..1), microseconds; 0 when nothing was observed. */
  quantile(q: number): number;
}

/** 0…7 stand for themselves; above, eight cells to a power of two. */
function cellOf(durationUs: number): number {
  const whole = durationUs < 0x7fffffff ? durationUs | 0 : 0x7fffffff;
  if (whole < CELLS) return whole < 0 ? 0 : whole;
  const power = 31 - Math.clz32(whole);
  return (power - CELL_BITS + 1) * CELLS + ((whole >> (power - CELL_BITS)) & (CELLS - 1));
}

/** The lowest duration of a cell. */
function floorOf(cell: number): number {
  if (cell < CELLS) return cell;
  const power = Math.floor(cell / CELLS) + CELL_BITS - 1;
  return (CELLS + (cell % CELLS)) * 2 ** (power - CELL_BITS);
}

export function createDurationHistogram(): DurationHistogram {
  const cells = new Float64Array((POWERS - CELL_BITS + 1) * CELLS);
  let count = 0;
  let sumUs = 0;
  return {
    observe(durationUs) {
      cells[cellOf(durationUs)]!++;
      count++;
      sumUs += durationUs;
    },
    get count() {
      return count;
    },
    get sumUs() {
      return sumUs;
    },
    below(power) {
      const end = cellOf(2 ** power);
      let sum = 0;
      for (let cell = 0; cell < end; cell++) sum += cells[cell]!;
      return sum;
    },
    quantile(q) {
      let left = Math.max(1, Math.ceil(q * count));
      for (let cell = 0; cell < cells.length; cell++) {
        left -= cells[cell]!;
        if (count > 0 && left <= 0) return cell < CELLS ? cell : (floorOf(cell) + floorOf(cell + 1)) / 2;
      }
      return 0;
    },
  };
}
