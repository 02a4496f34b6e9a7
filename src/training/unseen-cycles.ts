/** Keeps a model from learning the calendar of a time too short to know it. */
import { type TrainingTable } from './table.ts';

/** With less a moment cannot be told from its place in a cycle: “on the 5th” might as well be “last Tuesday”. */
const CYCLES_NEEDED = 2;

/** Names of the columns that come round too seldom in the time of `table` to be learnt from. */
export function unseenCycles({ names, cyclesMs = [], timesMs }: TrainingTable): readonly string[] {
  const spanMs = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0);
  return names.filter((_, i) => spanMs < CYCLES_NEEDED * (cyclesMs[i] ?? 0));
}

/** The same rows with these columns empty, so that no learner can use them. */
export function without(table: TrainingTable, names: readonly string[]): TrainingTable {
  const empty = new Float64Array(table.rows).fill(NaN);
  return { ...table, values: table.values.map((column, i) => (names.includes(table.names[i]!) ? empty : column)) };
}
